import type { Decision, Limiter, Quota } from './limiter.ts'

/** Keys remembered at most. Beyond that the least recently used one is forgotten, so an attacker cannot fill the memory. */
const MAX_KEYS = 50_000

/** The sliding window log in this process, on a clock that never jumps. */
export function memoryLimiter({ quota, windowMs }: Quota, now: () => number = () => performance.now()): Limiter {
  const logs = new Map<string, number[]>()

  return {
    async take(key): Promise<Decision> {
      const time = now()
      const log = (logs.get(key) ?? []).filter((admitted) => admitted > time - windowMs)
      const allowed = log.length < quota
      if (allowed) log.push(time)
      logs.delete(key) // and set again: the map keeps the order of use
      logs.set(key, log)
      if (logs.size > MAX_KEYS) logs.delete(logs.keys().next().value ?? key)
      return decide()

      function decide(): Decision {
        return { allowed, remaining: quota - log.length, resetMs: (log[0] ?? time) + windowMs - time }
      }
    },
  }
}
