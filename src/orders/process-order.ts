import type { Db } from '../db/database.ts'
import { fromMinor, MAX_AMOUNT, toMinor } from '../money.ts'
import type { NewOrder } from './order.ts'
import type { Outcome, Reason } from './order-job.ts'
import {
  AlreadyDecided,
  customerExists,
  findOutcome,
  insertOrder,
  insertOutcome,
  type JobFacts,
  lockProducts,
  type PricedItem,
  recallOrder,
  toOutcome,
} from './orders.queries.ts'

/**
 * Decides an accepted order and writes the decision: order, items, stock and outcome in one transaction, or none of it.
 *
 * It is an idempotent receiver (Hohpe and Woolf, Enterprise Integration Patterns): the queue delivers at least once, and
 * a job that comes again, even while another worker still has it, finds the first one's outcome. A rejection is an
 * outcome, not an error: it is final, and never retried.
 *
 * @throws whatever the database throws; nothing was written then, and the job may be tried again
 */
export async function processOrder(db: Db, facts: JobFacts, order: NewOrder): Promise<Outcome> {
  const before = await findOutcome(db, facts.job_id)
  if (before && before.status !== 'failed') return toOutcome(before)
  try {
    return await db.transaction().execute((transaction) => decide(transaction, facts, order))
  } catch (error) {
    const { code, constraint } = error as { code?: string; constraint?: string }
    // The same job ran elsewhere and committed while this one was on its way: its outcome is there now.
    const madeOrder = code === '23505' && constraint === 'orders_job_id_key'
    if (madeOrder || error instanceof AlreadyDecided) return previous(db, facts)
    throw error
  }
}

async function decide(db: Db, facts: JobFacts, order: NewOrder): Promise<Outcome> {
  const priced = await price(db, order)
  if ('code' in priced) {
    const written = await insertOutcome(db, facts, 'rejected', priced)
    return written ? { status: 'rejected', error: priced } : previous(db, facts)
  }
  const order_id = await insertOrder(db, facts, { customer_id: order.customer_id, ...priced })
  return { status: 'succeeded', order_id }
}

/** Prices the order from products it has locked, or says why it can't be had. */
async function price(db: Db, order: NewOrder): Promise<{ total: bigint; items: PricedItem[] } | Reason> {
  if (!(await customerExists(db, order.customer_id)))
    return reason('unknown_customer', `There is no customer ${order.customer_id}.`)
  if (!order.items) return { total: toMinor(order.total ?? 0), items: [] }

  const products = new Map(
    (
      await lockProducts(
        db,
        order.items.map((item) => item.product_id),
      )
    ).map((product) => [product.id, product]),
  )
  const items: PricedItem[] = []
  let total = 0n
  for (const { product_id, quantity } of order.items) {
    const product = products.get(product_id)
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
  return { total, items }
}

/** How the job ended before; an order whose outcome was forgotten meanwhile speaks for itself. */
async function previous(db: Db, facts: JobFacts): Promise<Outcome> {
  const row = await findOutcome(db, facts.job_id)
  if (row) return toOutcome(row)
  const order_id = await recallOrder(db, facts)
  if (order_id === undefined) throw new Error('a job that was done elsewhere has no outcome')
  return { status: 'succeeded', order_id }
}

const reason = (code: string, detail: string): Reason => ({ code, detail })
