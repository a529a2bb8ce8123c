import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { send } from '../../support/http.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { noDisk, smallDisk } from '../support/disk.ts'
import { settled } from '../support/order-client.ts'

test('a full disk under the embedded database refuses writes, and loses nothing that was acknowledged', {
  skip: noDisk,
}, async () => {
  const disk = smallDisk()
  const DATA_DIR = join(disk?.folder ?? '', 'data')
  let shop = await spawnShop('all', { DATA_DIR })
  const name = 'x'.repeat(200)
  const write = (price: number) => send(`${shop.url}/products/`, { body: { name, price, stock: 1 } })
  try {
    let acknowledged = 0
    assert.equal((await write(acknowledged)).status, 201)
    acknowledged += 1
    const customer = (await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })).json
    const order = () => send(`${shop.url}/orders/`, { body: { customer_id: customer.id, total: 1 } })
    disk?.fill(128 * 1024) // a little is left, that the writes will use up
    let refused = 0
    for (let batch = 0; batch < 500 && refused === 0; batch++) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => write(1).catch(() => undefined))) // or it has ended
      acknowledged += answers.filter((answer) => answer?.status === 201).length
      for (const answer of answers.filter((one) => one?.status !== 201)) {
        refused += 1
        if (answer) assert.deepEqual([answer.status, answer.json.code], [503, 'database_unavailable'])
      }
    }
    assert.ok(refused > 0, `${acknowledged} writes fitted`)
    const orders = (await Promise.all(Array.from({ length: 20 }, () => order().catch(() => undefined)))).filter(Boolean)
    assert.ok(orders.every((answer) => answer?.status === 202 || answer?.status === 503))
    disk?.empty()
    await shop.end('SIGTERM')
    shop = await spawnShop('all', { DATA_DIR })
    const products = (await send(`${shop.url}/products/`)).json.products
    assert.ok(products.length >= acknowledged, `${products.length} of ${acknowledged}`)
    assert.equal((await write(acknowledged)).status, 201)
    for (const answer of orders) {
      if (answer?.status === 202) assert.equal((await settled(shop.url, answer)).status, 'succeeded')
    }
    assert.equal((await settled(shop.url, await order())).status, 'succeeded')
  } finally {
    await shop.end('SIGTERM')
    await disk?.remove()
  }
})
