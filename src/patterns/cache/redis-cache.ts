import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Logger } from '../../log.ts'
import { Breaker, STORE_TIMEOUT_MS } from '../../redis/breaker.ts'
import { oncePerTurn } from '../../redis/once-per-turn.ts'
import { worthRetry } from '../../redis/redis.ts'
import { within } from '../../within.ts'
import { type Cache, type CacheRead, StoreUnavailable } from './cache.ts'

// Each script is one atomic step for all replicas. KEYS[1] is the value, KEYS[2] its generation. The braces put both keys
// in one slot of a Redis Cluster, because the hash of `{products:all}:generation` is that of `products:all`.

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
type ReadReply = [string | 1, number] | [null, string]

/** Characters by which Redis is asked whether it still has the value that the process holds; see {@link Cache.store}. */
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
 * A generation is a random token, not a counter: a Redis that lost its data would count from the start again, and a
 * reader from before could store under a number that has come round. An invalidation deletes value and generation in one
 * command. A missing generation equals no token, the next miss makes a new one, and a Redis that is full still deletes.
 * An invalidation does not ask the breaker: a write makes its own attempt, whatever became of the last command.
 *
 * **An invalidation that did not get through** must not leave an old value that is trusted later. Every process loses its
 * connection when Redis dies, so each distrusts all keys after a reconnect: it reads none of them until it has invalidated
 * it. That covers writes acknowledged while Redis was away, and what Redis still had on disk.
 *
 * It does not cover the moments in which some processes are connected again and others are not yet. A connected reader may
 * store the list. A writer without a connection then changes the database, cannot invalidate, and must not acknowledge
 * the write. So a write waits for its connection, until it has invalidated or an attempt to connect has failed: a Redis
 * that refuses the writer serves no reader. (The auditor found that a list missed an acknowledged write after a restart.)
 *
 * One gap remains: a process that alone cannot reach Redis for longer than `PATIENCE_MS`. The others may read a list that
 * misses its write until the process gets through, which it keeps trying, or the TTL ends.
 */
export function redisCache(redis: Redis, keys: readonly string[], log: Logger, timeout = STORE_TIMEOUT_MS): Cache {
  const breaker = new Breaker(redis, timeout)
  const distrusted = new Set(keys)
  const reads = new Map<string, () => Promise<CacheRead>>()
  let retry: NodeJS.Timeout | undefined

  redis.on('close', () => {
    for (const key of keys) distrusted.add(key)
  })
  redis.on('ready', removeLater)
  if (redis.status === 'ready') removeLater()

  async function remove(key: string): Promise<void> {
    await within(timeout, redis.del(...pair(key)))
    distrusted.delete(key)
  }

  function removeLater(): void {
    clearTimeout(retry)
    retry = setTimeout(async () => {
      for (const key of distrusted) await remove(key).catch(() => {})
      if (distrusted.size > 0) removeLater()
    }, RETRY_MS).unref()
  }

  /** Reads a key. Holds the last value, so that Redis need not send it again: Redis is asked each time. */
  function reader(key: string): () => Promise<CacheRead> {
    let held = ''
    return async () => {
      if (distrusted.has(key)) await remove(key).catch(unavailable)
      const known = held
      const [value, second] = await breaker
        .run(() => redis.eval(READ, 2, ...pair(key), randomUUID(), known.slice(0, BEGINNING)))
        .then((reply) => reply as ReadReply, unavailable)
      if (value === null) return { hit: false, generation: second }
      held = value === 1 ? known : value
      return { hit: true, value: held, ttlMs: Math.max(0, second) }
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
      const stored = breaker.run(() => redis.eval(STORE, 2, ...pair(key), value, ttlMs, generation))
      return (await stored.catch(unavailable)) === 1
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
      removeLater()
    },
    async entries() {
      const look = async (key: string) => [key, await redis.get(key), await redis.pttl(key)] as const
      const rows = await breaker.run(() => Promise.all(keys.map(look))).catch(unavailable)
      return rows.flatMap(([key, value, ttlMs]) =>
        value === null ? [] : [{ key, value, ttl: Math.ceil(Math.max(0, ttlMs) / 1000) }],
      )
    },
    async close() {
      clearTimeout(retry)
    },
  }
}

const pair = (key: string) => [key, `{${key}}:generation`] as const

function unavailable(cause: unknown): never {
  throw new StoreUnavailable(cause)
}
