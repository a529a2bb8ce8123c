import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Redis } from 'ioredis'
import type { Cache } from '../src/patterns/cache/cache.ts'
import { cacheAside } from '../src/patterns/cache/cache-aside.ts'
import { memoryCache } from '../src/patterns/cache/memory-cache.ts'
import { redisCache } from '../src/patterns/cache/redis-cache.ts'
import { connectRedis } from '../src/redis/redis.ts'
import { noRedis, type Server, silent, startRedis } from '../support/servers.ts'
import { PATIENCE_MS, until } from '../support/until.ts'
import { askedBy } from './support/counting.ts'
import { inTime } from './support/free-machine.ts'

const KEY = 'products:all'

/** A load that waits until it is let go, and counts. */
function gate(value: () => string) {
  const waiting: (() => void)[] = []
  let loads = 0
  const load = async () => {
    loads += 1
    const read = value() // what the query saw, before the answer is on its way
    await new Promise<void>((resolve) => waiting.push(resolve))
    return read
  }
  const letGo = () => {
    for (const resolve of waiting.splice(0)) resolve()
  }
  return { load, loads: () => loads, letGo }
}

for (const kind of ['memory', 'redis'] as const) {
  describe(`cache-aside on ${kind}`, { skip: kind === 'redis' && noRedis }, () => {
    let server: Server | undefined
    let redis: Redis | undefined
    let cache: Cache

    before(async () => {
      if (kind === 'redis') {
        server = await startRedis()
        redis = connectRedis(server.url, { name: 'test', log: silent })
        await until(() => redis?.status === 'ready')
        cache = redisCache(redis, [KEY], silent, PATIENCE_MS)
      } else cache = memoryCache()
    })
    after(async () => {
      await cache.close()
      redis?.disconnect()
      await server?.stop()
    })

    test('a miss loads and stores, a hit does not load, an invalidation makes a miss', async () => {
      await cache.invalidate(KEY)
      let loads = 0
      const aside = cacheAside({ cache, key: KEY, ttl: 60, load: async () => `v${++loads}` })
      assert.deepEqual([(await aside.read()).outcome, (await aside.read()).outcome], ['stored', 'hit'])
      await aside.invalidate()
      const { outcome, value } = await aside.read()
      assert.deepEqual([outcome, value], ['stored', 'v2'])
    })

    test('a hundred simultaneous misses make one query', async () => {
      await cache.invalidate(KEY)
      let missed = 0
      const watched: Cache = {
        ...cache,
        async read(key) {
          const found = await cache.read(key)
          missed += 1
          return found
        },
      }
      const { load, loads, letGo } = gate(() => 'v')
      const aside = cacheAside({ cache: watched, key: KEY, ttl: 60, load })
      const reads = Array.from({ length: 100 }, () => aside.read())
      await until(() => missed === 100 && loads() > 0)
      letGo()
      const outcomes = (await Promise.all(reads)).map((result) => result.outcome)
      assert.equal(loads(), 1)
      assert.equal(outcomes.filter((outcome) => outcome === 'stored').length, 1)
      assert.equal(outcomes.filter((outcome) => outcome === 'collapsed').length, 99)
    })

    test('a reader that missed before a load was stored, and hears of it afterwards, makes no second query', async () => {
      await cache.invalidate(KEY)
      const miss = Promise.withResolvers<void>()
      let asked = 0
      const slow: Cache = {
        ...cache,
        async read(key) {
          const isFirst = asked++ === 0
          const found = await cache.read(key)
          if (isFirst) await miss.promise
          return found
        },
      }
      let loads = 0
      const aside = cacheAside({ cache: slow, key: KEY, ttl: 60, load: async () => `v${++loads}` })
      const late = aside.read()
      await until(async () => asked === 1)
      const first = await aside.read()
      assert.deepEqual([first.outcome, first.value], ['stored', 'v1'])
      miss.resolve()
      assert.deepEqual([(await late).outcome, (await late).value, loads], ['collapsed', 'v1', 1])
    })

    test('a reader that comes after the TTL of a load has ended does not take its result', async () => {
      await cache.invalidate(KEY)
      let loads = 0
      const aside = cacheAside({ cache, key: KEY, ttl: 0.2, load: async () => `v${++loads}` })
      assert.equal((await aside.read()).value, 'v1')
      const next = await until(async () => {
        const read = await aside.read()
        return read.outcome !== 'hit' && read
      })
      assert.deepEqual([next.outcome, next.value], ['stored', 'v2'])
    })

    test('a slow reader cannot put back what a writer has just invalidated', async () => {
      await cache.invalidate(KEY)
      let truth = 'old'
      const { load, loads, letGo } = gate(() => truth)
      const aside = cacheAside({ cache, key: KEY, ttl: 60, load })
      const slow = aside.read()
      await until(() => loads() === 1)
      truth = 'new'
      await aside.invalidate()
      letGo()
      assert.equal((await slow).outcome, 'not-stored')
      const next = aside.read()
      await until(() => loads() === 2)
      letGo()
      assert.deepEqual([(await next).value, (await next).outcome], ['new', 'stored'])
    })

    test('a reader that comes after a write does not join a load from before it', async () => {
      await cache.invalidate(KEY)
      let truth = 'old'
      const { load, loads, letGo } = gate(() => truth)
      const aside = cacheAside({ cache, key: KEY, ttl: 60, load })
      const before = aside.read()
      await until(() => loads() === 1)
      truth = 'new'
      await aside.invalidate()
      const later = aside.read()
      await until(() => loads() === 2)
      letGo()
      assert.equal((await before).value, 'old')
      assert.equal((await later).value, 'new')
    })

    test('a load that fails fails for all who share it, and leaves nothing behind', async () => {
      await cache.invalidate(KEY)
      let fail = true
      const aside = cacheAside({
        cache,
        key: KEY,
        ttl: 60,
        load: async () => {
          if (fail) throw new Error('database')
          return 'fine'
        },
      })
      const results = await Promise.allSettled([aside.read(), aside.read()])
      assert.ok(results.every((result) => result.status === 'rejected'))
      fail = false
      assert.equal((await aside.read()).value, 'fine')
    })

    test('a TTL is at most what was asked for, and differs', async () => {
      const ttls = new Set<number>()
      for (let n = 0; n < 20; n++) {
        await cache.invalidate(KEY)
        const { ttlMs } = await cacheAside({ cache, key: KEY, ttl: 60, load: async () => 'v' }).read()
        assert.ok(ttlMs <= 60_000 && ttlMs >= 54_000, `${ttlMs}`)
        ttls.add(ttlMs)
      }
      assert.ok(ttls.size > 10)
    })

    test('an entry ends with its TTL', async () => {
      await cache.invalidate(KEY)
      const read = await cache.read(KEY)
      assert.ok(!read.hit)
      assert.equal(await cache.store(KEY, 'short', 1000, read.generation), true)
      assert.deepEqual(
        (await cache.entries()).map((entry) => entry.value),
        ['short'],
      )
      await until(async () => !(await cache.read(KEY)).hit)
      assert.deepEqual(await cache.entries(), [])
    })
  })
}

describe('cache-aside while Redis is away', { skip: noRedis }, () => {
  test('reads load, one at a time, and never join a load that began before they came', async () => {
    const server = await startRedis()
    const redis = connectRedis(server.url, { name: 'test', log: silent })
    await until(() => redis.status === 'ready')
    const cache = redisCache(redis, [KEY], silent)
    let truth = 'old'
    const { load, loads, letGo } = gate(() => truth)
    const aside = cacheAside({ cache, key: KEY, ttl: 60, load })
    try {
      await server.kill()
      await until(() => redis.status !== 'ready')
      const first = aside.read()
      await until(() => loads() === 1)
      truth = 'new'
      await aside.invalidate()
      const later = Array.from({ length: 50 }, () => aside.read())
      letGo()
      await until(() => loads() === 2)
      letGo()
      assert.equal((await first).value, 'old')
      for (const read of await Promise.all(later)) assert.deepEqual([read.value, read.outcome], ['new', 'unavailable'])
      assert.equal(loads(), 2)
    } finally {
      redis.disconnect()
      await cache.close()
      await server.stop()
    }
  })

  test('what was cached before an outage is not believed after it, in any process', async () => {
    const server = await startRedis()
    const processes = [1, 2].map(() => {
      const redis = connectRedis(server.url, { name: 'test', log: silent })
      return { redis, cache: redisCache(redis, [KEY], silent) }
    })
    const [writer, reader] = processes
    assert.ok(writer && reader)
    try {
      await until(() => processes.every(({ redis }) => redis.status === 'ready'))
      let truth = 'old'
      const aside = (cache: Cache) => cacheAside({ cache, key: KEY, ttl: 60, load: async () => truth })
      await until(async () => (await aside(writer.cache).read()).outcome === 'hit')
      assert.equal((await aside(reader.cache).read()).value, 'old')
      await server.kill()
      await until(() => processes.every(({ redis }) => redis.status !== 'ready'))
      truth = 'new'
      await aside(writer.cache).invalidate() // fails, and must not be forgotten
      await server.start()
      await until(() => reader.redis.status === 'ready')
      assert.equal((await aside(reader.cache).read()).value, 'new')
      await until(() => writer.redis.status === 'ready')
      assert.equal((await aside(writer.cache).read()).value, 'new')
    } finally {
      for (const { redis, cache } of processes) {
        redis.disconnect()
        await cache.close()
      }
      await server.stop()
    }
  })

  test('a write whose process has yet to reach Redis is not acknowledged before others see it', async () => {
    const server = await startRedis()
    const connect = () => {
      const redis = connectRedis(server.url, { name: 'test', log: silent })
      return { redis, cache: redisCache(redis, [KEY], silent) }
    }
    const reader = connect()
    let writer: ReturnType<typeof connect> | undefined
    try {
      await until(() => reader.redis.status === 'ready')
      let truth = 'old'
      const aside = (cache: Cache) => cacheAside({ cache, key: KEY, ttl: 60, load: async () => truth })
      await until(async () => (await aside(reader.cache).read()).outcome === 'hit')
      writer = connect() // as after a restart of either: others have Redis already, this one is about to
      truth = 'new'
      await aside(writer.cache).invalidate()
      assert.equal((await aside(reader.cache).read()).value, 'new')

      await server.kill()
      await until(() => writer?.redis.status !== 'ready')
      // Nobody can read a Redis that is gone: no reason to wait for its return.
      await inTime(1500, aside(writer.cache).invalidate)
    } finally {
      for (const { redis, cache } of [reader, ...(writer ? [writer] : [])]) {
        redis.disconnect()
        await cache.close()
      }
      await server.stop()
    }
  })

  test('a frozen Redis costs a read its timeout once, not every time', async () => {
    const server = await startRedis()
    const redis = connectRedis(server.url, { name: 'test', log: silent })
    await until(() => redis.status === 'ready')
    const cache = redisCache(redis, [KEY], silent)
    try {
      const aside = cacheAside({ cache, key: KEY, ttl: 60, load: async () => 'v' })
      await until(async () => (await aside.read()).outcome === 'hit')
      server.freeze()
      const { redis: commands } = await askedBy(async () => {
        for (let n = 0; n < 5; n++) assert.equal((await aside.read()).outcome, 'unavailable')
      })
      assert.equal(commands.length, 1, 'the breaker keeps the other reads from asking')
      server.thaw()
      await until(async () => (await aside.read()).outcome === 'hit')
    } finally {
      redis.disconnect()
      await cache.close()
      await server.stop()
    }
  })
})
