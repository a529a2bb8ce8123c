import type { Db } from '../db/database.ts'
import { fromMinor, MAX_AMOUNT, toMinor } from '../money.ts'
import {
  AlreadyDecided,
  insertOrders,
  insertOutcome,
  type JobFacts,
  lockCustomers,
  lockProducts,
  type PricedOrder,
  recallOrder,
} from './decisions.queries.ts'
import type { NewOrder } from './order.ts'
import type { Outcome, Reason } from './order-job.ts'
import { findOutcome, findOutcomes, toOutcome } from './orders.queries.ts'

/** An accepted order and what is known of its job. */
export interface AcceptedOrder {
  facts: JobFacts
  order: NewOrder
}

/**
 * Decides accepted orders one after the other and writes the decisions: orders, items, stock and outcomes in one
 * transaction, or nothing. A single order is a list of one.
 *
 * It is an idempotent receiver (Hohpe and Woolf, Enterprise Integration Patterns): the queue delivers at least once, and
 * a job that is delivered again, even while another worker still has it, ends with its first outcome. A rejection is an
 * outcome, not an error: it is final, and never retried.
 *
 * @returns the outcomes, in the order of the jobs
 * @throws what the database throws; nothing was written then, and the jobs may be tried again. A list of several also
 * fails when one of its jobs was decided elsewhere meanwhile; each of them alone does not.
 */
export async function decideOrders(db: Db, jobs: readonly AcceptedOrder[]): Promise<Outcome[]> {
  try {
    return await decideTogether(db, jobs)
  } catch (error) {
    const [first, ...others] = jobs
    if (first && others.length === 0 && isDecidedElsewhere(error)) return [await previousOutcome(db, first.facts)]
    throw error
  }
}

/** Whether the same job ran elsewhere and committed while this one was on its way. */
function isDecidedElsewhere(error: unknown): boolean {
  const { code, constraint } = error as { code?: string; constraint?: string }
  return error instanceof AlreadyDecided || (code === '23505' && constraint === 'orders_job_id_key')
}

async function decideTogether(db: Db, jobs: readonly AcceptedOrder[]): Promise<Outcome[]> {
  const outcomes = new Map<string, Outcome>()
  const ids = jobs.map(({ facts }) => facts.job_id)
  for (const row of await findOutcomes(db, ids)) if (row.status !== 'failed') outcomes.set(row.job_id, toOutcome(row))
  const open = jobs.filter(({ facts }) => !outcomes.has(facts.job_id))
  if (open.length > 0) await db.transaction().execute((transaction) => decide(transaction, open, outcomes))
  return ids.map((job_id) => outcomes.get(job_id) as Outcome)
}

/** Locks what all the orders need, decides them on that, and adds how each ends to `outcomes`. */
async function decide(db: Db, jobs: readonly AcceptedOrder[], outcomes: Map<string, Outcome>): Promise<void> {
  const items = jobs.flatMap(({ order }) => order.items ?? [])
  const customers = await lockCustomers(db, [...new Set(jobs.map(({ order }) => order.customer_id))])
  const products = items.length > 0 ? await lockProducts(db, [...new Set(items.map((item) => item.product_id))]) : []
  const stock = new Map(products.map((product) => [product.id, product]))
  const priced: PricedOrder[] = []
  for (const { facts, order } of jobs) {
    const made = price(order, new Set(customers), stock)
    if (!('code' in made)) {
      priced.push({ ...made, facts, customer_id: order.customer_id })
      continue
    }
    const written = await insertOutcome(db, facts, 'rejected', made)
    outcomes.set(facts.job_id, written ? { status: 'rejected', error: made } : await previousOutcome(db, facts))
  }
  for (const { job_id, order_id } of await insertOrders(db, priced)) {
    outcomes.set(job_id, { status: 'succeeded', order_id })
  }
}

type Stock = Map<number, { price: number; stock: number }>

/** Prices an order from products that are locked, and takes its items from their stock; or returns why it is rejected. */
function price(order: NewOrder, customers: Set<number>, stock: Stock): Pick<PricedOrder, 'total' | 'items'> | Reason {
  if (!customers.has(order.customer_id)) return reason('unknown_customer', `There is no customer ${order.customer_id}.`)
  if (!order.items) return { total: toMinor(order.total ?? 0), items: [] }

  const items: PricedOrder['items'] = []
  let total = 0n
  for (const { product_id, quantity } of order.items) {
    const product = stock.get(product_id)
    if (!product) return reason('unknown_product', `There is no product ${product_id}.`)
    if (product.stock < quantity)
      return reason('out_of_stock', `Of product ${product_id} only ${product.stock} are left.`)
    total += toMinor(product.price) * BigInt(quantity)
    items.push({ product_id, quantity, unit_price: product.price })
  }
  if (total > toMinor(MAX_AMOUNT)) return reason('total_too_large', `The total is over ${MAX_AMOUNT}.`)
  if (order.total !== undefined && toMinor(order.total) !== total) {
    return reason('price_changed', `The total is ${fromMinor(total)} now, not ${order.total}.`)
  }
  for (const { product_id, quantity } of items) (stock.get(product_id) as { stock: number }).stock -= quantity
  return { total, items }
}

/** How the job ended before. When its outcome was purged, the order itself tells. */
async function previousOutcome(db: Db, facts: JobFacts): Promise<Outcome> {
  const row = await findOutcome(db, facts.job_id)
  if (row) return toOutcome(row)
  const order_id = await recallOrder(db, facts)
  if (order_id === undefined) throw new Error('a job that was decided elsewhere has no outcome')
  return { status: 'succeeded', order_id }
}

const reason = (code: string, detail: string): Reason => ({ code, detail })
