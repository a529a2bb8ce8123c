import { once } from 'node:events'
import { runExperiment } from './engine.ts'
import { findRunnable } from './experiments/runnable.ts'
import type { Run, RunEvents } from './protocol/run-schema.ts'

// node runner.ts, by fork: runs one experiment for the shop that started it, beside it, so that the shop goes on as it
// was. Its parent's first message is the run; any other stops it, and so does the parent's end.

/** What it tells its parent; `done` is the last. */
export type RunnerMessage = { [Name in keyof RunEvents]: { name: Name; data: RunEvents[Name] } }[keyof RunEvents]

const stopping = new AbortController()
process.on('disconnect', () => stopping.abort())
for (const name of ['SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort())
process.on('SIGINT', () => {}) // a Ctrl-C is its parent's to handle
const [run] = (await once(process, 'message')) as [Run]
process.on('message', () => stopping.abort())

const experiment = findRunnable(run.experiment)
const ended = await runExperiment(
  experiment,
  run,
  (name, data) => tell({ name, data } as RunnerMessage),
  stopping.signal,
)
tell({ name: 'done', data: { run: ended } }, () => process.exit())
if (!process.connected) process.exit()

function tell(message: RunnerMessage, told: () => void = () => {}): void {
  if (process.connected) process.send?.(message, told)
}
