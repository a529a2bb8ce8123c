import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { clientAddress } from '../src/patterns/rate-limit/client-address.ts'
import { type Limiter, parseQuota } from '../src/patterns/rate-limit/limiter.ts'
import { memoryLimiter } from '../src/patterns/rate-limit/memory-limiter.ts'
import { redisLimiter } from '../src/patterns/rate-limit/redis-limiter.ts'
import { connectRedis, worthRetry } from '../src/redis/redis.ts'
import { send } from '../support/http.ts'
import { noRedis, type Server, silent, startRedis } from '../support/servers.ts'
import { PATIENCE_MS, until } from '../support/until.ts'
import { openShop, type TestShop } from './support/shop.ts'

for (const kind of ['memory', 'redis'] as const) {
  describe(`the limiter on ${kind}`, { skip: kind === 'redis' && noRedis }, () => {
    let server: Server | undefined
    const connections: Redis[] = []
    /** A limiter as another replica would have: its own connection, the same store. */
    const limiter = async (quota: number, windowMs: number): Promise<Limiter> => {
      if (!server) return memoryLimiter({ quota, windowMs })
      const redis = connectRedis(server.url, { name: 'test', log: silent })
      connections.push(redis)
      await until(() => redis.status === 'ready')
      return redisLimiter(redis, { quota, windowMs }, silent, PATIENCE_MS)
    }
    before(async () => {
      if (kind === 'redis') server = await startRedis()
    })
    after(async () => {
      for (const redis of connections) redis.disconnect()
      await server?.stop()
    })

    test('ten pass, the eleventh does not, and it is told when to return', async () => {
      const limit = await limiter(10, 60_000)
      const began = performance.now()
      for (let n = 9; n >= 0; n--) {
        const { allowed, remaining } = await limit.take('a')
        assert.deepEqual({ allowed, remaining }, { allowed: true, remaining: n })
      }
      const { allowed, remaining, resetMs } = await limit.take('a')
      assert.deepEqual({ allowed, remaining }, { allowed: false, remaining: 0 })
      assert.ok(resetMs <= 60_000 && resetMs > 59_990 - (performance.now() - began), `${resetMs} ms`)
      assert.equal((await limit.take('b')).allowed, true)
    })

    test('a thousand at once get exactly the quota', async () => {
      const limit = await limiter(10, 60_000)
      const decisions = await Promise.all(Array.from({ length: 1000 }, () => limit.take('crowd')))
      assert.equal(decisions.filter(({ allowed }) => allowed).length, 10)
    })

    test('no window of the given length ever sees more than the quota', async () => {
      const limit = await limiter(5, 200)
      const admitted: { asked: number; answered: number }[] = []
      while (admitted.length < 20) {
        const asked = performance.now()
        if ((await limit.take('edge')).allowed) admitted.push({ asked, answered: performance.now() })
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 15))
      }
      // The sixth is admitted only after the first has left: 200 ms apart, less what clocks of whole ms take.
      for (const [n, { asked }] of admitted.entries()) assert.ok((admitted[n + 5]?.answered ?? Infinity) - asked > 198)
    })
  })
}

test('memory holds a bounded number of keys', async () => {
  const limit = memoryLimiter({ quota: 1, windowMs: 60_000 })
  await limit.take('first')
  for (let n = 0; n < 50_000; n++) await limit.take(`key ${n}`)
  assert.equal((await limit.take('key 49999')).allowed, false)
  assert.equal((await limit.take('first')).allowed, true, 'the oldest was forgotten')
})

test('replicas share the count; without Redis each goes on by itself', { skip: noRedis }, async () => {
  const server = await startRedis()
  const connections = [1, 2].map(() => connectRedis(server.url, { name: 'test', log: silent }))
  try {
    await until(() => connections.every((redis) => redis.status === 'ready'))
    const [a, b] = connections.map((redis) => redisLimiter(redis, { quota: 10, windowMs: 60_000 }, silent, PATIENCE_MS))
    assert.ok(a && b)
    const taken = []
    for (let n = 0; n < 13; n++) taken.push((await (n % 2 ? a : b).take('x')).allowed)
    assert.equal(taken.filter(Boolean).length, 10)
    await server.kill()
    await until(() => connections.every((redis) => redis.status !== 'ready'))
    const alone = []
    for (let n = 0; n < 13; n++) alone.push(await a.take('x'))
    assert.equal(alone.filter(({ allowed }) => allowed).length, 10)
    assert.ok(alone.every(({ fallback }) => fallback))
    await server.start()
    await until(async () => !(await a.take('y')).fallback)
  } finally {
    for (const redis of connections) redis.disconnect()
    await server.stop()
  }
})

test('what Redis answered while the process stood still counts', { skip: noRedis }, async () => {
  const server = await startRedis()
  const redis = connectRedis(server.url, { name: 'test', log: silent })
  try {
    await until(() => redis.status === 'ready')
    const limit = redisLimiter(redis, { quota: 10, windowMs: 60_000 }, silent, 1000)
    await limit.take('x')
    const taken = limit.take('x')
    await setImmediate() // now Redis is being asked
    for (const start = performance.now(); performance.now() < start + 2000; );
    assert.deepEqual(await taken.then(({ remaining, fallback }) => [remaining, fallback]), [8, undefined])
  } finally {
    redis.disconnect()
    await server.stop()
  }
})

test('a Redis clock that was set back does not lock a client out', { skip: noRedis }, async () => {
  const server = await startRedis()
  const redis = connectRedis(server.url, { name: 'test', log: silent })
  try {
    await until(() => redis.status === 'ready')
    const limit = redisLimiter(redis, { quota: 2, windowMs: 60_000 }, silent, PATIENCE_MS)
    // What two requests leave behind when the clock then goes back by an hour.
    const ahead = Date.now() + 3_600_000
    await redis.rpush('ratelimit:x', ahead, ahead)
    assert.equal((await limit.take('x')).allowed, true)
  } finally {
    redis.disconnect()
    await server.stop()
  }
})

test('a Redis that became read-only is left for whoever answers under its name now', { skip: noRedis }, async () => {
  const server = await startRedis()
  const redis = connectRedis(server.url, { name: 'test', log: silent })
  try {
    await until(() => redis.status === 'ready')
    const first = await redis.client('ID')
    await redis.replicaof('127.0.0.1', 1)
    await assert.rejects(redis.set('x', 1), /READONLY/)
    await until(async () => (await redis.client('ID')) !== first)
  } finally {
    redis.disconnect()
    await server.stop()
  }
})

test('many that wait for a Redis that is away are no leak of listeners', { skip: noRedis }, async () => {
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  const redis = connectRedis('redis://127.0.0.1:1', { name: 'test', log: silent })
  try {
    await Promise.all(Array.from({ length: 50 }, () => worthRetry(redis, 100)))
    await setImmediate() // a warning comes a tick later
    assert.deepEqual(warnings, [])
  } finally {
    process.off('warning', note)
    redis.disconnect()
  }
})

test('IPv6 is counted by /64, IPv4 by address in whichever form', () => {
  assert.equal(clientAddress('192.0.2.1'), '192.0.2.1')
  assert.equal(clientAddress('::ffff:192.0.2.1'), '192.0.2.1')
  assert.equal(clientAddress('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.equal(clientAddress('2001:db8:1:2::9'), '2001:db8:1:2::/64')
  assert.equal(clientAddress('2001:db8::9'), '2001:db8:0:0::/64')
  assert.equal(clientAddress('::1'), '0:0:0:0::/64')
  assert.equal(clientAddress('fe80::1%eth0'), 'fe80:0:0:0::/64')
})

test('however a proxy spells an address, it has one count', () => {
  for (const text of ['192.0.2.1', '192.0.2.1:4711', '::ffff:192.0.2.1', '::FFFF:c000:201', '[::ffff:192.0.2.1]:80'])
    assert.equal(clientAddress(text), '192.0.2.1', text)
  const spellings = [
    '2001:db8::9',
    '2001:0DB8:0:0:0:0:0:1',
    '[2001:db8::1]',
    '[2001:db8::7:8]:443',
    '2001:db8::1.2.3.4',
  ]
  for (const text of spellings) assert.equal(clientAddress(text), '2001:db8:0:0::/64', text)
  assert.equal(clientAddress('1:2:3:4:5:6:7::'), '1:2:3:4::/64')
  for (const text of ['', 'unknown', '_hidden', '192.0.2.1.5', '300.1.1.1', '[192.0.2', '1:2:3', 'a:b'])
    assert.equal(clientAddress(text), 'unknown', text)
})

test('quotas are read as requests per unit', () => {
  assert.deepEqual(parseQuota('10/minute'), { quota: 10, windowMs: 60_000 })
  assert.deepEqual(parseQuota('5/2 seconds'), { quota: 5, windowMs: 2000 })
  assert.deepEqual(parseQuota('100/1 hour'), { quota: 100, windowMs: 3_600_000 })
  assert.deepEqual(parseQuota('5/second'), { quota: 5, windowMs: 1000 })
  assert.equal(parseQuota('off'), undefined)
})

describe('limits over HTTP', () => {
  let shop: TestShop
  let proxied: TestShop
  before(async () => {
    ;[shop, proxied] = await Promise.all([
      openShop({ env: { RATE_LIMIT: '10/minute' } }),
      openShop({ env: { RATE_LIMIT: '2/minute', TRUST_PROXY: '1' } }),
    ])
  })
  after(() => Promise.all([shop.close(), proxied.close()]))

  test('the eleventh request to an endpoint is 429 with all that a client needs to behave', async () => {
    for (let n = 0; n < 10; n++) {
      const answer = await send(`${shop.url}/products${n % 2 ? '/' : ''}`, { method: n % 3 ? 'GET' : 'HEAD' })
      assert.equal(answer.status, 200)
      assert.equal(answer.headers.get('ratelimit-policy'), '"default";q=10;w=60')
      assert.match(answer.headers.get('ratelimit') ?? '', new RegExp(`^"default";r=${9 - n};t=\\d+$`))
      assert.equal(answer.headers.get('x-ratelimit-limit'), '10')
      assert.equal(answer.headers.get('x-ratelimit-remaining'), `${9 - n}`)
    }
    const refused = await send(`${shop.url}/products/`)
    assert.equal(refused.status, 429)
    assert.match(refused.headers.get('content-type') ?? '', /^application\/problem\+json/)
    assert.equal(refused.json.type, 'https://iana.org/assignments/http-problem-types#quota-exceeded')
    assert.equal(refused.json.code, 'rate_limited')
    const t = Number(/t=(\d+)/.exec(refused.headers.get('ratelimit') ?? '')?.[1])
    assert.ok(Number(refused.headers.get('retry-after')) >= t && t > 0)
    // Another method, another endpoint: a count of their own.
    assert.equal((await send(`${shop.url}/products/`, { body: { name: 'Lamp', price: 1, stock: 1 } })).status, 201)
    assert.equal((await send(`${shop.url}/customers/`)).status, 200)
  })

  test('a forged X-Forwarded-For buys nothing, by default and behind one proxy', async () => {
    const direct = []
    for (let n = 0; n < 12; n++)
      direct.push((await send(`${shop.url}/orders/`, { headers: { 'x-forwarded-for': `198.51.100.${n}` } })).status)
    assert.equal(direct.filter((status) => status === 200).length, 10)
    // The proxy appends the address it saw; whatever stands before that is the client's invention.
    const behind = []
    for (let n = 0; n < 4; n++)
      behind.push(
        (await send(`${proxied.url}/orders/`, { headers: { 'x-forwarded-for': `198.51.100.${n}, 203.0.113.7` } }))
          .status,
      )
    assert.deepEqual(behind, [200, 200, 429, 429])
    assert.equal((await send(`${proxied.url}/orders/`, { headers: { 'x-forwarded-for': '203.0.113.8' } })).status, 200)
  })
})
