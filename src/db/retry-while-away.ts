import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../log.ts'
import { isDatabaseAway } from './away.ts'

const PAUSE_MS = 500

/**
 * Does the work, and while that fails because PostgreSQL is away, retries for `ms` milliseconds. It is for a process that
 * starts together with its database.
 * @throws what the last try threw; at once an error that has another reason; or the reason of the signal
 */
export async function retryWhileAway<T>(
  ms: number,
  work: () => Promise<T>,
  log: Logger,
  signal: AbortSignal,
): Promise<T> {
  const deadline = performance.now() + ms
  let told = false
  for (;;) {
    try {
      return await work()
    } catch (err) {
      if (!isDatabaseAway(err) || performance.now() + PAUSE_MS > deadline) throw err
      if (!told) log.warn({ err }, `PostgreSQL is not there yet: waiting up to ${Math.round(ms / 1000)} s for it`)
      told = true
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {})
      signal.throwIfAborted()
    }
  }
}
