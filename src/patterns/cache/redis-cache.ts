import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Logger } from '../../log.ts'
import { oncePerTurn } from '../../redis/once-per-turn.ts'
import { Breaker, StoreUnavailable, worthRetry } from '../../redis/redis.ts'
import type { Cache, CacheRead } from './cache.ts'

// Each script is one atomic step for all replicas. KEYS[1] is the value, KEYS[2] its generation; the braces put both in
// one slot of a Redis Cluster, because the hash of `{products:all}:generation` is that of `products:all`.

/**
 * → {value, ms to live}, or {1, ms to live} when the value begins with ARGV[2] and so is the one the process holds, or
 * {false, generation}; a missing generation starts one (ARGV[1] is a new token).
 */
const READ = `
local held = ARGV[2] ~= '' and redis.call('GETRANGE', KEYS[1], 0, #ARGV[2] - 1) == ARGV[2]
local value = held or redis.call('GET', KEYS[1])
if value then return { held and 1 or value, redis.call('PTTL', KEYS[1]) } end
redis.call('SET', KEYS[2], ARGV[1], 'NX')
return { false, redis.call('GET', KEYS[2]) }`

/** Characters of a value's beginning by which Redis is asked whether it still has it; see {@link Cache.store}. */
const BEGINNING = 64

/** The fence: ARGV are value, ms to live, and the generation that must still stand. */
const STORE = `
if redis.call('GET', KEYS[2]) ~= ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`

const RETRY_MS = 200
/** How long a write waits for Redis: a reconnect (at most 500 ms apart) and a look whether it has loaded (1 s apart). */
const PATIENCE_MS = 1500

/**
 * The cache that replicas share.
 *
 * A generation is a random token, not a counter: a Redis that lost its data would start counting again, and a reader
 * from before could store under a number that has come round. To invalidate is to delete value and generation in one
 * command: what is missing equals no token, the next miss makes a new one, and a Redis that is full still deletes. The
 * breaker is not asked: a write waits for its own attempt to invalidate, however the last command fared.
 *
 * **An invalidation that did not get through** must not leave the old value to be believed later. Every process loses its
 * connection when Redis dies, so each distrusts all keys after a reconnect: it reads nothing of them until it has
 * invalidated them. That covers writes acknowledged while Redis was away, and what Redis still had on disk.
 *
 * It does not cover the moments in which some processes are connected again and others are not yet. A reader that is may
 * store the list; a writer that is not then changes the database, cannot invalidate, and must not say so before it can.
 * So a write waits for its connection, until it has invalidated or an attempt to connect has failed: a Redis that refuses
 * the writer serves no reader. (Found by the auditor: without it, a list missed an acknowledged write after a restart.)
 *
 * What remains is a process that alone cannot reach Redis for longer than `PATIENCE_MS` while others can: they may read a
 * list that misses its write until it gets through, which it keeps trying, or the TTL ends.
 */
export function redisCache(redis: Redis, keys: readonly string[], log: Logger): Cache {
  const breaker = new Breaker(redis)
  const distrusted = new Set(keys)
  const reads = new Map<string, () => Promise<CacheRead>>()
  let retry: NodeJS.Timeout | undefined

  const pair = (key: string) => [key, `{${key}}:generation`] as const
  const remove = async (key: string) => {
    await redis.del(...pair(key))
    distrusted.delete(key)
  }
  const settle = () => {
    clearTimeout(retry)
    retry = setTimeout(async () => {
      for (const key of distrusted) await remove(key).catch(() => {})
      if (distrusted.size > 0) settle()
    }, RETRY_MS).unref()
  }
  redis.on('close', () => {
    for (const key of keys) distrusted.add(key)
  })
  redis.on('ready', settle)
  if (redis.status === 'ready') settle()

  /** Reads a key. Holds the last value, so that Redis need not send again what it still has: it is asked each time. */
  function reader(key: string): () => Promise<CacheRead> {
    let held = ''
    return async () => {
      if (distrusted.has(key)) {
        await remove(key).catch((cause) => {
          throw new StoreUnavailable(cause)
        })
      }
      const known = held
      const [value, second] = (await breaker.run((client) =>
        client.eval(READ, 2, ...pair(key), randomUUID(), known.slice(0, BEGINNING)),
      )) as [string | 1, number] | [null, string]
      if (value === null) return { hit: false, generation: String(second) }
      held = value === 1 ? known : value
      return { hit: true, value: held, ttlMs: Math.max(0, Number(second)) }
    }
  }

  return {
    read(key) {
      const read = reads.get(key) ?? oncePerTurn(reader(key))
      reads.set(key, read)
      return read()
    },
    async store(key, value, ttlMs, generation) {
      if (distrusted.has(key)) return false
      return (await breaker.run((client) => client.eval(STORE, 2, ...pair(key), value, ttlMs, generation))) === 1
    },
    async invalidate(key) {
      const deadline = performance.now() + PATIENCE_MS
      do {
        try {
          return await remove(key)
        } catch (err) {
          distrusted.add(key)
          log.debug({ err, key }, 'an invalidation waits for Redis')
        }
      } while (await worthRetry(redis, deadline - performance.now()))
      settle()
    },
    async entries() {
      const rows = await breaker.run((client) =>
        Promise.all(keys.map(async (key) => [key, await client.get(key), await client.pttl(key)] as const)),
      )
      return rows.flatMap(([key, value, ttlMs]) =>
        value === null ? [] : [{ key, value, ttl: Math.ceil(Math.max(0, ttlMs) / 1000) }],
      )
    },
    async close() {
      clearTimeout(retry)
    },
  }
}
