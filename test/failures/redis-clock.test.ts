import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redisLimiter } from '../../src/patterns/rate-limit/redis-limiter.ts'
import { connectRedis } from '../../src/redis/redis.ts'
import { send } from '../../support/http.ts'
import { noRedis, silent, startRedis } from '../../support/servers.ts'
import { PATIENCE_MS, until } from '../../support/until.ts'
import { noClock, settableClock } from '../support/clock.ts'
import { assertLimited, furnish, recovered, settings } from '../support/failing-shop.ts'
import { openShop } from '../support/shop.ts'
import { waitingOrders } from '../support/waiting-orders.ts'

const HOUR = 3600
test('when the clock of Redis jumps an hour ahead and back: limits count anew, the list is fresh, orders are made once', {
  skip: noClock ?? noRedis,
}, async () => {
  const clock = settableClock()
  const redis = await clock.by(startRedis)
  const env = { ...settings, WORKER_CONCURRENCY: '2', REDIS_URL: redis.url }
  const shop = { ...(await openShop({ env })), redis }
  const client = connectRedis(redis.url, { name: 'test', log: silent })
  const limit = redisLimiter(client, { quota: 10, windowMs: 60_000 }, silent, PATIENCE_MS)
  const admitted = async () => {
    const decisions = await Promise.all(Array.from({ length: 13 }, () => limit.take('x')))
    assert.ok(decisions.every(({ fallback }) => !fallback))
    return decisions.filter(({ allowed }) => allowed).length
  }
  const list = async () => (await send(`${shop.url}/products/`)).json
  try {
    const all = await furnish(shop)
    await until(() => client.status === 'ready')
    assert.deepEqual([await admitted(), await admitted()], [10, 0])
    for (const [name, offset] of [
      ['ahead', HOUR],
      ['back', 0],
    ] as const) {
      const orders = await waitingOrders(all, 2)
      await until(async () => (await list()).from_cache)
      clock.set(offset)
      const [seconds = 0] = await client.time()
      assert.ok(Math.abs(Number(seconds) - Date.now() / 1000 - offset) < HOUR / 2, 'the clock did jump')

      assert.deepEqual([await admitted(), await admitted()], [10, 0], name)
      assert.equal((await list()).from_cache, name === 'back', 'ahead its time is over')
      assert.equal((await send(`${shop.url}/products/`, { body: { name, price: 1, stock: 1 } })).status, 201)
      const { products } = await list()
      assert.ok(products.some((product: { name: string }) => product.name === name))
      await assertLimited(shop.url)
      await recovered(all)
      await orders.release()
      await orders.madeOnce()
    }
  } finally {
    client.disconnect()
    await shop.close()
    await redis.stop()
    clock.remove()
  }
})
