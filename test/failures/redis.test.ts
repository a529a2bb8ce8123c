import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Redis } from 'ioredis'
import { send } from '../../support/http.ts'
import { noRedis, startRedis } from '../../support/servers.ts'
import { until } from '../../support/until.ts'
import { fixture, orderedOnce, probe, recovered, settings } from '../support/failing-shop.ts'
import { settled } from '../support/order-client.ts'
import { openShop } from '../support/shop.ts'

describe('when Redis fails', { skip: noRedis }, () => {
  test('gone under load: the catalogue goes on, orders are refused and none is lost', async () => {
    const all = await fixture({ redis: true })
    try {
      await all.shop.redis?.kill()
      const { list, write, order, status, health, live } = await probe(all, 'gone')
      assert.deepEqual([list.status, list.json.from_cache, write.status], [200, false, 201])
      assert.equal(order.status, 503)
      assert.ok(['queue_unavailable', 'order_outcome_unknown'].includes(order.json.code))
      assert.ok(Number(order.headers.get('retry-after')) >= 1)
      assert.deepEqual(
        [status.status, status.json.status],
        [200, 'succeeded'],
        'a finished order is answered from the database',
      )
      assert.deepEqual([health.status, live.status], [200, 200])
      await all.shop.redis?.start()
      await recovered(all)
      await orderedOnce(all, 'gone')
      const now = (await send(`${all.shop.url}/products/`)).json.products
      assert.ok(
        now.some(({ name }: { name: string }) => name === 'gone'),
        'what was written meanwhile is not hidden by the old cache',
      )
    } finally {
      await all.shop.close()
    }
  })

  test('gone under load: the limit goes on, in each process', async () => {
    const all = await fixture({ redis: true, env: { RATE_LIMIT: '10/minute' } })
    try {
      await all.shop.redis?.kill()
      const statuses = []
      for (let n = 0; n < 13; n++) statuses.push((await send(`${all.shop.url}/customers/`)).status)
      assert.deepEqual(statuses.slice(0, 10), Array(10).fill(200))
      assert.deepEqual(statuses.slice(10), [429, 429, 429])
    } finally {
      await all.shop.close()
    }
  })

  test('frozen: nothing waits, and an order whose fate is unknown is named, and made once', async () => {
    const all = await fixture({ redis: true })
    try {
      await until(async () => (await send(`${all.shop.url}/products/`)).json.from_cache)
      all.shop.redis?.freeze()
      const { list, write, order, status } = await probe(all, 'frozen')
      assert.deepEqual([list.status, write.status, status.status], [200, 201, 200])
      assert.equal(order.status, 503)
      // Unknown where the number of those that wait had been counted just before, else nothing was sent.
      assert.ok(['order_outcome_unknown', 'queue_unavailable'].includes(order.json.code))
      if (order.json.job_id) assert.equal(order.headers.get('location'), `/orders/jobs/${order.json.job_id}`)
      all.shop.redis?.thaw()
      await recovered(all)
      await orderedOnce(all, 'frozen')
    } finally {
      all.shop.redis?.thaw()
      await all.shop.close()
    }
  })

  test('full: the catalogue goes on and stays fresh, orders are refused, and health says so', async () => {
    const all = await fixture({ redis: true })
    const admin = new Redis(all.shop.redis?.url ?? '')
    try {
      await until(async () => (await send(`${all.shop.url}/products/`)).json.from_cache)
      await admin.config('SET', 'maxmemory', '1')
      const { list, write, order, status } = await probe(all, 'full')
      assert.deepEqual([list.status, write.status, status.status], [200, 201, 200])
      assert.deepEqual([order.status, order.json.code], [503, 'queue_unavailable'], 'surely not enqueued')
      const fresh = (await send(`${all.shop.url}/products/`)).json.products
      assert.ok(
        fresh.some(({ name }: { name: string }) => name === 'full'),
        'a full Redis still invalidates',
      )
      await until(async () => (await send(`${all.shop.url}/health`)).json.status === 'degraded')
      await admin.config('SET', 'maxmemory', '0')
      await recovered(all)
      await orderedOnce(all, 'full')
    } finally {
      admin.disconnect()
      await all.shop.close()
    }
  })

  test('restarted empty: finished orders keep their state, and an old key makes no second order', async () => {
    const all = await fixture({ redis: true })
    const admin = new Redis(all.shop.redis?.url ?? '')
    admin.on('error', () => {})
    try {
      await orderedOnce(all, 'before')
      const [, folder = ''] = (await admin.config('GET', 'dir')) as string[]
      await all.shop.redis?.kill()
      rmSync(join(folder, 'appendonlydir'), { recursive: true })
      await all.shop.redis?.start()
      await recovered(all)
      assert.equal(await admin.exists('bull:default:id'), 0, 'it has nothing of before')
      const { list, write, status, health } = await probe(all, 'before')
      assert.deepEqual([list.status, write.status, health.status], [200, 201, 200])
      assert.deepEqual([status.status, status.json.status], [200, 'succeeded'])
      await orderedOnce(all, 'before')
    } finally {
      admin.disconnect()
      await all.shop.close()
    }
  })

  test('gone at start: the shop opens degraded, and is whole when Redis comes', async () => {
    const redis = await startRedis()
    await redis.kill()
    const shop = await openShop({ env: { ...settings, REDIS_URL: redis.url } })
    try {
      assert.equal((await send(`${shop.url}/health/ready`)).json.status, 'degraded')
      const customer = await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })
      const order = () => send(`${shop.url}/orders/`, { body: { customer_id: customer.json.id, total: 1 } })
      assert.deepEqual([(await order()).status, (await send(`${shop.url}/products/`)).status], [503, 200])
      const write = await send(`${shop.url}/products/`, { body: { name: 'Lamp', price: 1, stock: 1 } })
      assert.deepEqual([write.status, /r=\d+/.test(write.headers.get('ratelimit') ?? '')], [201, true])
      assert.equal((await send(`${shop.url}/orders/jobs/${randomUUID()}`)).status, 503, 'the queue may know it')
      await redis.start()
      const accepted = await until(async () => {
        const answer = await order()
        return answer.status === 202 && answer
      })
      assert.equal((await settled(shop.url, accepted)).status, 'succeeded')
    } finally {
      await shop.close()
      await redis.stop()
    }
  })
})
