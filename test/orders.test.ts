import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { send } from '../support/http.ts'
import { noRedis } from '../support/servers.ts'
import { settled } from './support/order-client.ts'
import { openShop, type TestShop } from './support/shop.ts'

for (const redis of [false, true]) {
  describe(`orders, queue in ${redis ? 'Redis' : 'the database'}`, { skip: redis && noRedis }, () => {
    let shop: TestShop
    let customer_id: number
    const product = async (price: number, stock: number) =>
      (await send(`${shop.url}/products/`, { body: { name: 'Lamp', price, stock } })).json
    const order = async (body: object, headers = {}) =>
      send(`${shop.url}/orders/`, { body: { customer_id, ...body }, headers })

    before(async () => {
      shop = await openShop({ redis })
      customer_id = (await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })).json.id
    })
    after(() => shop.close())

    test('POST /orders/ answers 202 with a job_id, and the worker creates the order', async () => {
      const accepted = await order({ total: 199.99 })
      assert.equal(accepted.status, 202)
      assert.equal(accepted.headers.get('location'), accepted.json.status_url)
      assert.equal(accepted.headers.get('retry-after'), '1')
      const job = await settled(shop.url, accepted)
      assert.equal(job.status, 'succeeded')
      const stored = await send(`${shop.url}/orders/${job.order_id}`)
      assert.equal(stored.json.total, 199.99)
      assert.equal(stored.json.job_id, accepted.json.job_id)
      assert.deepEqual(stored.json.items, [])
      const list = await send(`${shop.url}/orders/`)
      assert.ok(list.json.some((row: { id: number }) => row.id === job.order_id))
    })

    test('an order with items takes stock and is priced in cents', async () => {
      const [a, b] = [await product(0.1, 5), await product(0.2, 5)]
      const job = await settled(
        shop.url,
        await order({
          items: [
            { product_id: a.id, quantity: 1 },
            { product_id: b.id, quantity: 1 },
          ],
          total: 0.3,
        }),
      )
      assert.equal(job.status, 'succeeded')
      const stored = await send(`${shop.url}/orders/${job.order_id}`)
      assert.equal(stored.json.total, 0.3)
      assert.deepEqual(stored.json.items, [
        { product_id: a.id, quantity: 1, unit_price: 0.1 },
        { product_id: b.id, quantity: 1, unit_price: 0.2 },
      ])
      assert.equal((await send(`${shop.url}/products/${a.id}`)).json.stock, 4)
      const { products } = (await send(`${shop.url}/products/`)).json
      assert.equal(products.find((row: { id: number }) => row.id === b.id).stock, 4)
    })

    test('any amount with two decimals comes through, to the cent', async () => {
      const totals = [0, 0.01, 0.07, 0.29, 1.1, 4.35, 19.99, 116.6, 1.005e3, 8_999_999_999.29, 9_999_999_999.99]
      const accepted = await Promise.all(totals.map((total) => order({ total })))
      for (const [n, answer] of accepted.entries()) {
        const job = await settled(shop.url, answer)
        assert.equal(job.status, 'succeeded', `${totals[n]}`)
        assert.equal((await send(`${shop.url}/orders/${job.order_id}`)).json.total, totals[n])
      }
    })

    test('rejections are final and say why', async () => {
      const { id } = await product(10, 1)
      const cases: [object, string][] = [
        [{ items: [{ product_id: id, quantity: 2 }] }, 'out_of_stock'],
        [{ items: [{ product_id: 2_000_000_000, quantity: 1 }] }, 'unknown_product'],
        [{ customer_id: 2_000_000_000, total: 1 }, 'unknown_customer'],
        [{ items: [{ product_id: id, quantity: 1 }], total: 9.99 }, 'price_changed'],
      ]
      for (const [body, code] of cases) {
        const job = await settled(shop.url, await order(body))
        assert.equal(job.status, 'rejected')
        assert.equal(job.error.code, code)
        assert.equal(job.attempts, 1)
        assert.equal(job.order_id, undefined)
      }
      assert.equal((await send(`${shop.url}/products/${id}`)).json.stock, 1)
    })
  })
}
