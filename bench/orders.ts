import pg from 'pg'
import { audit } from '../chaos/audit.ts'
import { factsFromDatabase } from '../chaos/facts.ts'
import { Ledger, type PlacedOrder } from '../chaos/ledger.ts'
import type { Request } from '../support/load-generator.ts'
import { until } from '../support/until.ts'

/** Makes orders, remembers every one that was accepted, and says in the end whether the shop has exactly those. */
export interface OrderBook {
  /** A new order to send. */
  request(options?: { keys?: boolean }): Request
  /** The status that says an order was accepted. */
  acceptedStatus: 200 | 202
  /** To be told of each answer. */
  answered(request: Request, status: number, body: string): void
  accepted(): number
  /** Waits until the shop has stored as many. @throws unless they are the same */
  audit(): Promise<void>
}

const json = { 'content-type': 'application/json' }

/** For ours: orders of one piece of one product, held against the database by the auditor of `chaos/`. */
export async function ourBook(databaseUrl: string): Promise<OrderBook> {
  const ledger = new Ledger()
  const [start] = await query<{ customer: number; orders: number; jobs: number }>(
    databaseUrl,
    `select (select min(id) from customers) as customer, (select coalesce(max(id), 0) from orders) as orders,
     (select count(*)::int from order_jobs) as jobs`,
  )
  const { customer, orders: before, jobs } = start ?? { customer: 0, orders: 0, jobs: 0 }
  ledger.customers.push(customer)
  const products = await query<{ id: number; price: number; stock: number }>(
    databaseUrl,
    'select id, price::float8 as price, stock from products order by id limit 100',
  )
  for (const { id, price, stock } of products) {
    const unchanged = { scarce: false, added: 0, changes: 0, acknowledged: 0, found: [] }
    ledger.products.set(id, { id, initialStock: stock, basePrice: price, ...unchanged })
  }
  const asked = new WeakMap<Request, PlacedOrder>()
  let next = 0
  return {
    request({ keys = false } = {}) {
      const product_id = products[next++ % products.length]?.id ?? 0
      const key = keys ? `bench-${process.pid}-${next}` : undefined
      const body = { customer_id: customer, items: [{ product_id, quantity: 1 }] }
      const headers = { ...json, ...(key !== undefined && { 'idempotency-key': key }) } // autocannon writes into it
      const request: Request = { method: 'POST', path: '/orders/', headers, body: JSON.stringify(body) }
      asked.set(request, { key, body, jobIds: new Set(), fate: 'unknown' })
      return request
    },
    acceptedStatus: 202,
    answered(request, _status, body) {
      const placed = asked.get(request)
      if (!placed) return
      placed.jobIds.add((JSON.parse(body) as { job_id: string }).job_id)
      placed.fate = 'accepted'
      ledger.orders.push(placed)
    },
    accepted: () => ledger.orders.length,
    async audit() {
      await untilStored(databaseUrl, 'order_jobs', jobs + ledger.orders.length)
      const violations = audit(ledger, await factsFromDatabase(databaseUrl, before))
      if (violations.length > 0)
        throw new Error(`the auditor found ${violations.length} broken promises, first: ${violations[0]?.detail}`)
    },
  }
}

/** For the original, whose orders name no product: each has a total of its own, which has to be stored exactly once. */
export function originalBook(databaseUrl: string): OrderBook {
  const totals: number[] = []
  let next = 0
  return {
    request() {
      const total = ++next / 100
      const headers = { ...json } // as above
      return { method: 'POST', path: '/orders/', headers, body: JSON.stringify({ customer_id: 1, total }) }
    },
    acceptedStatus: 200,
    answered({ body = '' }) {
      totals.push((JSON.parse(body) as { total: number }).total)
    },
    accepted: () => totals.length,
    async audit() {
      await untilStored(databaseUrl, 'orders', totals.length)
      const stored = await query<{ total: number }>(databaseUrl, 'select total from orders')
      const missing = new Set(totals)
      for (const { total } of stored) missing.delete(total)
      if (missing.size > 0 || stored.length !== totals.length)
        throw new Error(`the original accepted ${totals.length} orders, stored ${stored.length}, lost ${missing.size}`)
    },
  }
}

/** Waits until a table has so many rows, as long as it grows. */
async function untilStored(databaseUrl: string, table: 'orders' | 'order_jobs', rows: number): Promise<void> {
  let seen = -1
  let moved = performance.now()
  await until(async () => {
    const stored = await countRows(databaseUrl, table)
    if (stored > seen) moved = performance.now()
    seen = stored
    return stored >= rows || performance.now() - moved > 15_000
  }, 600_000)
}

export async function countRows(databaseUrl: string, table: 'orders' | 'order_jobs'): Promise<number> {
  const [row] = await query<{ count: number }>(databaseUrl, `select count(*)::int as count from ${table}`)
  return row?.count ?? 0
}

/** One query on a connection of its own. */
export async function query<Row>(databaseUrl: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return (await client.query(text, values)).rows as Row[]
  } finally {
    await client.end()
  }
}
