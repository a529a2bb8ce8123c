import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, send } from '../../support/http.ts'
import { noRedis, startPostgres, startRedis } from '../../support/servers.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { until } from '../../support/until.ts'
import { noClock, settableClock } from '../support/clock.ts'
import { settled } from '../support/order-client.ts'

const LIMIT = 100

for (const redis of [true, false]) {
  test(`when the clock jumps an hour ahead and back, queue in ${redis ? 'Redis' : 'the database'}, the shop goes on`, {
    skip: noClock ?? (redis && noRedis),
  }, async () => {
    const clock = settableClock()
    const store = redis ? await startRedis() : undefined // by the true clock: failures/redis-clock.test.ts sets its own
    const postgres = await clock.by(startPostgres)
    const shop = await spawnShop('all', {
      ...clock.env,
      DATABASE_URL: postgres.url,
      ...(store && { REDIS_URL: store.url }),
      RATE_LIMIT: `${LIMIT}/hour`,
    })
    try {
      const customer_id = (await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } }))
        .json.id
      const product_id = (await send(`${shop.url}/products/`, { body: { name: 'Lamp', price: 1, stock: 1000 } })).json
        .id
      const order = (key: string) => {
        const body = { customer_id, items: [{ product_id, quantity: 1 }] }
        return send(`${shop.url}/orders/`, { body, headers: { 'idempotency-key': key } })
      }
      const orders = (name: string) => Promise.all(Array.from({ length: 20 }, (_, n) => order(`${name} ${n}`)))
      const admitted = async () => {
        const answers = await Promise.all(Array.from({ length: LIMIT + 10 }, () => send(`${shop.url}/customers/`)))
        return answers.filter(({ status }) => status === 200).length
      }
      await until(async () => (await send(`${shop.url}/products/`)).json.from_cache)
      if (!redis) assert.equal(await admitted(), LIMIT)

      const accepted: Answer[] = []
      for (const [name, offset] of [
        ['ahead', 3600],
        ['back', 0],
      ] as const) {
        const before = await orders(`before ${name}`)
        clock.set(offset)
        const after = await orders(`after ${name}`)
        accepted.push(...before, ...after)
        assert.ok(
          [...before, ...after].every(({ status }) => status === 202),
          name,
        )
        for (const answer of [...before, ...after])
          assert.equal((await settled(shop.url, answer)).status, 'succeeded', name)

        assert.equal((await order(`before ${name} 0`)).text, before[0]?.text, 'a key from before is still known')
        const clocked = Date.parse(
          (await send(`${shop.url}/products/`, { body: { name, price: 1, stock: 1 } })).json.created_at,
        )
        assert.ok(Math.abs(clocked - Date.now() - offset * 1000) < 60_000, 'the clock did jump')
        const { products } = (await send(`${shop.url}/products/`)).json
        assert.ok(
          products.some((product: { name: string }) => product.name === name),
          'the list is fresh',
        )
        assert.equal((await send(`${shop.url}/health/live`)).status, 200)
        await until(async () => (await send(`${shop.url}/health`)).json.status === 'ok')
        if (!redis) assert.equal(await admitted(), 0, 'the quota of this hour is still used up')
      }
      const made = new Set(accepted.map(({ json }) => json.job_id))
      assert.equal((await send(`${shop.url}/products/${product_id}`)).json.stock, 1000 - made.size)
      assert.equal(await shop.end('SIGTERM'), 0)
    } finally {
      await shop.end('SIGKILL')
      await Promise.all([postgres.stop(), store?.stop()])
      clock.remove()
    }
  })
}
