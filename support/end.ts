import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** Sends a signal, waking the process first should it be frozen, and waits for its end; returns exit code or signal. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill(signal)
    await exited
  }
  return child.exitCode ?? child.signalCode
}
