import assert from 'node:assert/strict'
import { createClient } from './sdk/client/index.ts'
import { placeOrder } from './sdk/index.ts'

// node sdk.ts URL: places both forms of an order with the client that Hey API makes.

const client = createClient({ baseUrl: process.argv[2] ?? '' })
const byTotal = await placeOrder({ client, body: { customer_id: 1, total: 199.99 } })
const byItems = await placeOrder({ client, body: { customer_id: 1, items: [{ product_id: 1, quantity: 2 }] } })
for (const { data, error } of [byTotal, byItems]) assert.equal(data?.status, 'queued', JSON.stringify(error))
// @ts-expect-error an order has a total or items
const empty = await placeOrder({ client, body: { customer_id: 1 } })
assert.equal(empty.error?.status, 422)
