import type { Limiter, Quota } from '../src/patterns/rate-limit/limiter.ts'
import type { Modification } from '../support/modified-shop.ts'

/**
 * **The problem.** Ten requests a minute for each client, so that one can't take the shop from all others.
 *
 * **What this does.** It counts by the minute of the clock: a number for each key, back to zero when the minute is over.
 * Two lines, one number a client, and what most rate limiters did for years.
 *
 * **What goes wrong.** The limit is kept in every minute of the clock, not in every sixty seconds. Ten requests at 0:59
 * and ten at 1:00 are twenty within a second, twice what the shop was to bear, and every client's window ends at the same
 * moment, so they all come back together.
 *
 * **The right one** is `src/patterns/rate-limit/memory-limiter.ts`: it keeps the times of the admitted requests (a sliding
 * window log), so no window of the length, wherever it begins, ever holds more than the quota.
 */
export function fixedWindow({ quota, windowMs }: Quota): Limiter {
  const counts = new Map<string, { window: number; count: number }>()
  return {
    async take(key) {
      const now = Date.now()
      const window = Math.floor(now / windowMs)
      const before = counts.get(key)
      const count = before?.window === window ? before.count : 0
      const allowed = count < quota
      if (allowed) counts.set(key, { window, count: count + 1 })
      return { allowed, remaining: Math.max(0, quota - count - 1), resetMs: (window + 1) * windowMs - now }
    },
  }
}

export default { parts: { limiter: fixedWindow } } satisfies Modification
