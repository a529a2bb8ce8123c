/**
 * A limit of `quota` requests in any `windowMs` for each key: two implementations, `memory-limiter.ts` and
 * `redis-limiter.ts`.
 *
 * **The algorithm is the sliding window log** (Kleppmann and others call it so; analysed in Alex Xu, System Design
 * Interview, ch. 4): the times of the admitted requests are kept, and a request is admitted if fewer than `quota` of
 * them lie in the window that ends now. It is exact. The alternatives and what they let through at 10 a minute:
 *
 * - fixed window: 10 at 0:59 and 10 at 1:00, twenty within a second;
 * - GCRA or token bucket with a burst of 10: 10 at once and one more every 6 s, nineteen within the first minute;
 * - sliding window counter (two windows, weighted): near enough, but it refuses or admits by an estimate.
 *
 * Its price is memory: `quota` numbers a key, at most. Refused requests are not logged, so a client that keeps asking is not
 * kept out by that. With drawings, an experiment and exercises: docs/patterns/rate-limiting.md.
 */
export interface Limiter {
  take(key: string): Promise<Decision>
}

export interface Decision {
  allowed: boolean
  /** Requests that would still be admitted now. */
  remaining: number
  /** Milliseconds until the oldest admitted request leaves the window and one more is admitted. */
  resetMs: number
  /** Decided by this process alone, because the shared store is away. */
  fallback?: boolean
}

export interface Quota {
  quota: number
  windowMs: number
}

const units: Record<string, number> = { second: 1000, minute: 60_000, hour: 3_600_000 }

/**
 * `10/minute` → ten in any 60,000 ms; `50/5 minutes` → fifty in any 300,000; `off` → undefined. The configuration has
 * checked the form.
 */
export function parseQuota(text: string): Quota | undefined {
  const [, quota, count = '1', unit = ''] = /^(\d+)\/(?:(\d+) )?([a-z]+?)s?$/.exec(text) ?? []
  return quota === undefined ? undefined : { quota: Number(quota), windowMs: Number(count) * (units[unit] ?? 60_000) }
}
