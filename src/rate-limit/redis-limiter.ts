import type { Redis } from 'ioredis'
import type { Logger } from '../log.ts'
import { Breaker } from '../redis.ts'
import type { Decision, Limiter, Quota } from './limiter.ts'
import { memoryLimiter } from './memory-limiter.ts'

/**
 * The sliding window log in Redis, one atomic step, by Redis' clock, so that replicas with clocks of their own agree.
 * The list holds the admitted requests' times, oldest first. If the newest lies in the future, the clock was set back,
 * and the log is worthless: it starts anew rather than locking the client out.
 * KEYS[1] the log; ARGV quota, window in ms. → {allowed, remaining, ms until reset}
 */
const TAKE = `
local quota, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local newest = redis.call('LINDEX', KEYS[1], -1)
if newest and tonumber(newest) > now then redis.call('DEL', KEYS[1]) end
local oldest = redis.call('LINDEX', KEYS[1], 0)
while oldest and tonumber(oldest) <= now - window do
  redis.call('LPOP', KEYS[1])
  oldest = redis.call('LINDEX', KEYS[1], 0)
end
local used = redis.call('LLEN', KEYS[1])
local allowed = used < quota
if allowed then
  redis.call('RPUSH', KEYS[1], now)
  redis.call('PEXPIRE', KEYS[1], window)
  used = used + 1
end
return { allowed and 1 or 0, quota - used, tonumber(oldest or now) + window - now }`

declare module 'ioredis' {
  interface RedisCommander {
    takeFromQuota(key: string, quota: number, windowMs: number): Promise<[0 | 1, number, number]>
  }
}

/**
 * The limit that replicas share. With Redis away it goes on, in each process for itself, counting from nothing: a client
 * may then get the quota once more from each replica, which is better than no limit and better than no service.
 */
export function redisLimiter(redis: Redis, limit: Quota, log: Logger): Limiter {
  redis.defineCommand('takeFromQuota', { numberOfKeys: 1, lua: TAKE })
  const breaker = new Breaker(redis)
  const local = memoryLimiter(limit)
  let fallback = false

  return {
    async take(key): Promise<Decision> {
      try {
        const [allowed, remaining, resetMs] = await breaker.run((client) =>
          client.takeFromQuota(`ratelimit:${key}`, limit.quota, limit.windowMs),
        )
        if (fallback) log.info('limits are shared again')
        fallback = false
        return { allowed: allowed === 1, remaining, resetMs }
      } catch (err) {
        if (!fallback) log.warn({ err }, 'limits are counted by each process alone while Redis is away')
        fallback = true
        return { ...(await local.take(key)), fallback }
      }
    },
  }
}
