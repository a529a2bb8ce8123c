import assert from 'node:assert/strict'
import { test } from 'node:test'
import { audit } from '../../chaos/audit.ts'
import type { Facts, StoredOrder } from '../../chaos/facts.ts'
import { Ledger, nameOf, type PlacedOrder, priceOf } from '../../chaos/ledger.ts'
import { planDisturbances } from '../../chaos/schedule.ts'

/** A ledger and facts that agree: one product, two orders of it, one of them cancelled, one order by total. */
function agreeing() {
  const ledger = new Ledger()
  ledger.customers.push(1)
  const product = {
    id: 1,
    scarce: false,
    initialStock: 10,
    added: 5,
    changes: 1,
    acknowledged: 1,
    found: [],
    basePrice: 2,
  }
  ledger.products.set(1, product)
  const items = (quantity: number) => [{ product_id: 1, quantity }]
  const place = (job: string, body: Partial<PlacedOrder['body']>): PlacedOrder => {
    const placed = {
      key: `key-${job}`,
      body: { customer_id: 1, ...body },
      jobIds: new Set([job]),
      fate: 'accepted' as const,
    }
    ledger.orders.push(placed)
    return placed
  }
  const placed = [place('a', { items: items(3) }), place('b', { items: items(2) }), place('c', { total: 0.01 })]
  ledger.cancellations.set(2, true)
  const stored = (id: number, job_id: string, quantity: number, status = 'confirmed'): StoredOrder => ({
    id,
    job_id,
    customer_id: 1,
    total: 2 * quantity,
    status,
    items: items(quantity).map((item) => ({ ...item, unit_price: 2 })),
  })
  const orders = [stored(1, 'a', 3), stored(2, 'b', 2, 'cancelled'), { ...stored(3, 'c', 0), total: 0.01, items: [] }]
  const jobs = orders.map(({ id, job_id }) => [job_id, { status: 'succeeded', order_id: id, code: undefined }] as const)
  const row = { stock: 12, name: nameOf(product, 1), price: priceOf(product, 1), version: 5 }
  const facts: Facts = { source: 'database', jobs: new Map(jobs), orders, products: new Map([[1, row]]) }
  return { ledger, facts, placed, orders, row }
}

type Agreement = ReturnType<typeof agreeing>
const names = ({ ledger, facts }: Agreement) => [...new Set(audit(ledger, facts).map(({ name }) => name))]

test('an audit of a shop that kept everything finds nothing', () => {
  assert.deepEqual(names(agreeing()), [])
})

const breaches: [string, string, (shop: Agreement) => void][] = [
  ['a job that nobody knows', 'lost', ({ facts }) => facts.jobs.delete('c')],
  [
    'a job that never ends',
    'lost',
    ({ facts }) => facts.jobs.set('c', { status: 'queued', order_id: undefined, code: undefined }),
  ],
  ['a success without its order', 'lost', ({ orders }) => orders.splice(2, 1)],
  ['two orders of one job', 'doubled', ({ orders }) => orders.push({ ...(orders[2] as StoredOrder), id: 4 })],
  ['two jobs of one key', 'doubled', ({ placed }) => placed[2]?.jobIds.add('b')],
  [
    'an order that nobody asked for',
    'doubled',
    ({ orders }) => orders.push({ ...(orders[2] as StoredOrder), id: 4, job_id: 'd' }),
  ],
  ['units sold that were not taken', 'oversold', ({ row }) => (row.stock += 3)],
  ['a stock below zero', 'oversold', ({ row }) => (row.stock = -1)],
  ['units taken that were not sold', 'missing-stock', ({ row }) => (row.stock -= 1)],
  ['units given back twice', 'restocked-twice', ({ row }) => Object.assign(row, { stock: 14, version: 6 })],
  [
    'a total that is not the sum',
    'wrong-total',
    ({ orders }) => Object.assign(orders[0] as StoredOrder, { total: 5.99 }),
  ],
  ['another quantity', 'altered', ({ orders }) => Object.assign(orders[0]?.items[0] ?? {}, { quantity: 4 })],
  [
    'a cancelled order that is not',
    'not-cancelled',
    ({ orders }) => Object.assign(orders[1] as StoredOrder, { status: 'confirmed' }),
  ],
  [
    'a dead letter',
    'failed',
    ({ facts, orders }) =>
      orders.splice(2, 1) && facts.jobs.set('c', { status: 'failed', order_id: undefined, code: 'processing_failed' }),
  ],
  [
    'a key that is never answered',
    'unresolved',
    ({ placed }) => Object.assign(placed[2] as PlacedOrder, { fate: 'unknown' }),
  ],
]
for (const [what, name, breach] of breaches) {
  test(`${what} is named ${name}`, () => {
    const shop = agreeing()
    breach(shop)
    assert.ok(names(shop).includes(name), `found ${names(shop).join(', ') || 'nothing'}`)
  })
}

test('the same seed plans the same disturbances, another seed others', () => {
  const plan = (seed: number) => planDisturbances({ seed, seconds: 60, every: 4, apis: 3, workers: 3 })
  assert.deepEqual(plan(42), plan(42))
  assert.notDeepEqual(plan(42), plan(43))
})
