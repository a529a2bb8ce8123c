import type { Redis } from 'ioredis'
import type { Logger } from '../../log.ts'
import { Breaker } from '../../redis/breaker.ts'
import { oncePerTurn } from '../../redis/once-per-turn.ts'
import type { Decision, Limiter, Quota } from './limiter.ts'
import { memoryLimiter } from './memory-limiter.ts'

/**
 * The sliding window log in Redis: one atomic step, by Redis' clock, so that replicas with clocks of their own agree.
 * A list holds the times of the admitted requests, oldest first. If the newest lies in the future, the clock was set back,
 * and the log is worthless: it starts anew instead of locking the client out.
 * The script writes nothing to the disk, for which each request would have to wait. Nor does it write to replicas: Redis
 * would write an empty transaction to the disk for them. A Redis that dies loses how much of its quota a client has used,
 * and nothing else. (A server without `set_repl` writes the counts like all else.)
 * KEYS the logs, one a request; ARGV quota, window in ms. → for each {allowed, remaining, ms until reset}
 */
const TAKE = `
pcall(redis.set_repl, redis.REPL_NONE)
local quota, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function take(log)
  local newest = redis.call('LINDEX', log, -1)
  if newest and tonumber(newest) > now then redis.call('DEL', log) end
  local oldest = redis.call('LINDEX', log, 0)
  while oldest and tonumber(oldest) <= now - window do
    redis.call('LPOP', log)
    oldest = redis.call('LINDEX', log, 0)
  end
  local used = redis.call('LLEN', log)
  local allowed = used < quota
  if allowed then
    redis.call('RPUSH', log, now)
    redis.call('PEXPIRE', log, window)
    used = used + 1
  end
  return { allowed and 1 or 0, quota - used, tonumber(oldest or now) + window - now }
end
local decisions = {}
for place, log in ipairs(KEYS) do decisions[place] = take(log) end
return decisions`

declare module 'ioredis' {
  interface RedisCommander {
    takeFromQuotas(count: number, ...keysQuotaAndWindow: (string | number)[]): Promise<[0 | 1, number, number][]>
  }
}

/**
 * The limit that replicas share, with one question to Redis for all requests of a turn of the event loop. While Redis is
 * away each process counts for itself, from zero. A client may then get its quota once more from each replica, which is
 * better than no limit and better than no service.
 */
export function redisLimiter(redis: Redis, { quota, windowMs }: Quota, log: Logger, timeout?: number): Limiter {
  redis.defineCommand('takeFromQuotas', { lua: TAKE })
  const breaker = new Breaker(redis, timeout)
  const local = memoryLimiter({ quota, windowMs })
  let fallback = false
  let keys: string[] = []
  const takeAll = oncePerTurn(() => {
    const asked = keys
    keys = []
    return breaker.run(() => redis.takeFromQuotas(asked.length, ...asked, quota, windowMs))
  })

  return {
    async take(key): Promise<Decision> {
      try {
        const place = keys.push(`ratelimit:${key}`) - 1
        const [allowed = 0, remaining = 0, resetMs = windowMs] = (await takeAll())[place] ?? []
        if (fallback) log.info('limits are shared again')
        fallback = false
        return { allowed: allowed === 1, remaining, resetMs }
      } catch (err) {
        if (!fallback) log.warn({ err }, 'each process counts limits by itself while Redis is away')
        fallback = true
        return { ...(await local.take(key)), fallback }
      }
    },
  }
}
