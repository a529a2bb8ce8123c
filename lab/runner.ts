import { once } from 'node:events'
import { runExperiment } from './engine.ts'
import { findRunnable } from './experiments/runnable.ts'
import type { Run, RunEvents } from './protocol/run-schema.ts'

// node runner.ts, forked by a shop: runs one experiment in a process of its own, so that the shop is not slowed down. The
// parent's first message is the run; a second message, or the parent's end, stops it.

/** Its messages to the parent; `done` is the last. */
export type RunnerMessage = { [Name in keyof RunEvents]: { name: Name; data: RunEvents[Name] } }[keyof RunEvents]

const stopping = new AbortController()
process.on('disconnect', () => stopping.abort())
for (const name of ['SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort())
process.on('SIGINT', () => {}) // the parent handles Ctrl-C
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
