import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { send } from '../support/http.ts'
import { settled } from './support/order-client.ts'
import { assertTold, creations, reads } from './support/original-calls.ts'
import { openShop, type TestShop } from './support/shop.ts'

let shop: TestShop
before(async () => {
  shop = await openShop()
})
after(() => shop.close())

test("what the original's load script sends is answered as ADR 7 says", async () => {
  for (const [path, detail] of [
    ['/customers/', 'phone is not a known field'],
    ['/products/', 'stock is missing; description is not a known field'],
  ] as const) {
    const refused = await send(shop.url + path, { body: creations[path] })
    assertTold('ours', 'a field that is not known', refused)
    assert.equal(refused.json.detail, detail)
  }
  // As its client has to change: without what is not known, and with the stock, which the original misses, too.
  const { phone, ...customer } = creations['/customers/']
  const { description, ...product } = creations['/products/']
  const created = await send(`${shop.url}/customers/`, { body: customer })
  assertTold('ours', 'POST /customers/', created)
  assertTold('ours', 'POST /products/', await send(`${shop.url}/products/`, { body: { ...product, stock: 1 } }))
  const accepted = await send(`${shop.url}/orders/`, { body: { customer_id: created.json.id, total: 199.99 } })
  assertTold('ours', 'POST /orders/', accepted)
  assert.equal((await settled(shop.url, accepted)).status, 'succeeded')

  for (const path of reads) assertTold('ours', `GET ${path}`, await send(shop.url + path))
})
