import pg from 'pg'
import { ask } from '../support/http.ts'
import { inParallel } from './in-parallel.ts'
import type { Ledger } from './ledger.ts'

/** What a shop has, seen from outside or from its database, in one form, so that one set of rules judges both. */
export interface Facts {
  source: 'HTTP' | 'database'
  jobs: Map<string, { status: string; order_id: number | undefined; code: string | undefined }>
  orders: StoredOrder[]
  products: Map<number, StoredProduct>
}

export interface StoredOrder {
  id: number
  job_id: string
  customer_id: number
  total: number
  status: string
  items: { product_id: number; quantity: number; unit_price: number }[]
}

export interface StoredProduct {
  stock: number
  name: string
  price: number
  /** How often the row was changed, plus one; the outside does not know it. */
  version: number | undefined
}

const WIDTH = 16

/** Asks the API for every product of the ledger and for all orders of its customers; `jobs` as `untilDrained` saw them. */
export async function factsFromHttp(
  apis: readonly string[],
  ledger: Ledger,
  jobs: Facts['jobs'],
  afterOrder: number,
): Promise<Facts> {
  const facts: Facts = { source: 'HTTP', jobs, orders: [], products: new Map() }
  let turn = 0
  const get = async <Body>(path: string) => {
    for (let attempt = 1; ; attempt++) {
      const answer = await ask<Body>(apis[turn++ % apis.length] + path)
      if (answer.status === 200 || answer.status === 404) return answer
      if (attempt === 10) throw new Error(`GET ${path} is answered ${answer.status || 'nothing'} after the end`)
    }
  }
  await inParallel(WIDTH, ledger.products.keys(), async (id) => {
    const { status, json } = await get<StoredProduct>(`/products/${id}`)
    if (status === 200) facts.products.set(id, { ...json, version: undefined })
  })
  const ours = new Set(ledger.customers)
  const withItems: number[] = []
  const expected = ordersWithItems(ledger)
  for (let after = afterOrder; ; ) {
    const { json: page } = await get<StoredOrder[]>(`/orders/?limit=100&after=${after}`)
    for (const order of page.filter(({ customer_id }) => ours.has(customer_id))) {
      if (expected.has(order.job_id)) withItems.push(order.id)
      else facts.orders.push({ ...order, items: [] })
    }
    const last = page.at(-1)
    if (!last || page.length < 100) break
    after = last.id
  }
  await inParallel(WIDTH, withItems, async (id) => {
    facts.orders.push((await get<StoredOrder>(`/orders/${id}`)).json)
  })
  return facts
}

const ordersWithItems = ({ orders }: Ledger): Set<string> =>
  new Set(orders.flatMap(({ body, jobIds }) => (body.items ? [...jobIds] : [])))

/** Reads the same from the tables; orders from after `afterOrder`, as those there were before. */
export async function factsFromDatabase(databaseUrl: string, afterOrder = 0): Promise<Facts> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const rows = async <Row>(text: string, values: unknown[] = []) => (await client.query(text, values)).rows as Row[]
    const jobs = await rows<{ job_id: string; status: string; order_id: number | null; code: string | null }>(
      "select job_id, status, order_id, error->>'code' as code from order_jobs where coalesce(order_id, $1 + 1) > $1",
      [afterOrder],
    )
    const orders = await rows<StoredOrder>(
      `select id, job_id, customer_id, total::float8 as total, status, coalesce(items, '[]') as items
       from orders left join (
         select order_id, json_agg(json_build_object('product_id', product_id, 'quantity', quantity, 'unit_price', unit_price::float8)) as items
         from order_items where order_id > $1 group by order_id
       ) as item on order_id = id where id > $1`,
      [afterOrder],
    )
    const products = await rows<StoredProduct & { id: number }>(
      'select id, name, price::float8 as price, stock, version from products',
    )
    return {
      source: 'database',
      jobs: new Map(
        jobs.map((row) => [
          row.job_id,
          { status: row.status, order_id: row.order_id ?? undefined, code: row.code ?? undefined },
        ]),
      ),
      orders,
      products: new Map(products.map((row) => [row.id, row])),
    }
  } finally {
    await client.end()
  }
}
