import type { Logger } from './log.ts'
import { within } from './within.ts'

export interface Shutdown {
  /** Aborts when the shutdown begins, before anything is closed. */
  signal: AbortSignal
  /** Closes this on shutdown; what was opened last is closed first. */
  defer(close: () => unknown): void
  /** The same for something that has its own `close`; returns it. */
  opened<T extends { close(): unknown }>(resource: T): T
  /** Runs before anything is closed; its time does not count. */
  announce(announcement: () => Promise<void>): void
  /** Milliseconds left of a share (0 to 1) of the time for closing. */
  remaining(share?: number): number
  /** Closes everything. Never rejects: what does not close cleanly or in time is logged and left behind. */
  run(): Promise<void>
}

/**
 * Closes what was opened, in reverse order.
 * @param timeout milliseconds for all of it together. A resource whose store is away may wait for it for ever (bullmq
 * #995), so each gets what is left, and at least a tenth of the whole.
 */
export function createShutdown(timeout: number, log: Logger): Shutdown {
  const closers: (() => unknown)[] = []
  const starting = new AbortController()
  let announcement = async () => {}
  let startedAt = Number.NaN

  const defer = (close: () => unknown) => void closers.push(close)
  const remaining = (share = 1) => Math.max(0, startedAt + share * timeout - performance.now())

  return {
    signal: starting.signal,
    defer,
    opened(resource) {
      defer(() => resource.close())
      return resource
    },
    announce(announced) {
      announcement = announced
    },
    remaining,
    async run() {
      starting.abort()
      await announcement()
      startedAt = performance.now()
      for (const close of closers.splice(0).reverse()) {
        await within(Math.max(remaining(), timeout / 10), Promise.try(close)).catch((err) =>
          log.warn({ err }, 'something did not close cleanly'),
        )
      }
    },
  }
}
