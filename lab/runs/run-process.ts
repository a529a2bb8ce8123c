import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Run } from '../protocol/run-schema.ts'
import type { RunnerMessage } from '../runner.ts'

/** A run in a process of its own, so that the shop goes on undisturbed. */
export interface RunProcess {
  /** The run in the end. Rejects when the process ended before. */
  ended: Promise<Run>
  exited: Promise<unknown>
  stop(): void
}

/** @param onEvent called with each event of the run but `done` */
export function forkRun(run: Run, onEvent: (event: RunnerMessage) => void): RunProcess {
  const child = fork(join(import.meta.dirname, '../runner.ts'), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  // A promise settles once, so the first end counts: the process disconnects after `done`, too.
  const { promise: ended, resolve, reject } = Promise.withResolvers<Run>()
  child.on('message', (message: RunnerMessage) => {
    if (message.name === 'done') resolve(message.data.run)
    else onEvent(message)
  })
  child.on('error', reject)
  // Not `exit`, which may precede the last message; nothing follows `disconnect`.
  child.on('disconnect', () => reject(new Error('its process ended before the run was done')))
  child.send(run)
  return {
    ended,
    exited: once(child, 'exit').catch(() => {}), // it rejects when the process could not be started
    stop() {
      if (child.connected) child.send('stop')
    },
  }
}
