import assert from 'node:assert/strict'
import type { paths } from './types.ts'

// node typed-fetch.ts URL: places both forms of an order by the types that openapi-typescript makes.

type Place = paths['/orders/']['post']
type NewOrder = Place['requestBody']['content']['application/json']
type Accepted = Place['responses']['202']['content']['application/json']

const orders: NewOrder[] = [
  { customer_id: 1, total: 199.99 },
  { customer_id: 1, items: [{ product_id: 1, quantity: 2 }] },
]
// @ts-expect-error an order has a total or items
const empty: NewOrder = { customer_id: 1 }

async function place(order: NewOrder): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(`${process.argv[2]}/orders/`, { method: 'POST', headers, body: JSON.stringify(order) })
}
for (const order of orders) {
  const response = await place(order)
  assert.equal(response.status, 202)
  const accepted = (await response.json()) as Accepted
  assert.equal(accepted.status, 'queued')
}
assert.equal((await place(empty)).status, 422)
