import type { Facts, StoredOrder, StoredProduct } from './facts.ts'
import { isFinal } from './job.ts'
import { type KnownProduct, type Ledger, type PlacedOrder, priceOf, type Violation } from './ledger.ts'

/** Holds what the shop has against what its clients were told, and names every promise that was broken. */
export function audit(ledger: Ledger, facts: Facts): Violation[] {
  const byJob = new Map<string, StoredOrder[]>()
  for (const order of facts.orders) byJob.set(order.job_id, [...(byJob.get(order.job_id) ?? []), order])
  return [
    ...ledger.orders.flatMap((placed) => auditPlaced(placed, facts, byJob)),
    ...auditOwners(ledger, facts),
    ...facts.orders.flatMap((order) => auditOrder(order, ledger)),
    ...auditStock(ledger, facts),
  ].map(({ name, detail }) => ({ name, detail: `${detail} (${facts.source})` }))
}

/** Every 202 has exactly one final outcome, and that is one order, as it was asked for, or a reason why there is none. */
function auditPlaced(placed: PlacedOrder, facts: Facts, byJob: Map<string, StoredOrder[]>): Violation[] {
  const { key, jobIds, body, seen } = placed
  if (placed.fate === 'unknown' && key)
    return [violation('unresolved', `nothing final could be learnt of the order with the key ${key}`)]
  const found: Violation[] = []
  if (jobIds.size > 1) found.push(violation('doubled', `one key was answered with the jobs ${[...jobIds].join(', ')}`))
  for (const job_id of jobIds) {
    const job = facts.jobs.get(job_id)
    const orders = byJob.get(job_id) ?? []
    const [order] = orders
    if (!job || !isFinal(job.status)) {
      found.push(
        violation('lost', `job ${job_id} was accepted and is ${job?.status ?? 'not known'} after the queue was empty`),
      )
      continue
    }
    if (seen?.job_id === job_id && (seen.status !== job.status || seen.order_id !== job.order_id))
      found.push(violation('changed-outcome', `job ${job_id} was ${seen.status}, and is ${job.status}`))
    if (orders.length > 1)
      found.push(violation('doubled', `job ${job_id} made the orders ${orders.map(({ id }) => id).join(', ')}`))
    if (job.status === 'failed')
      found.push(violation('failed', `job ${job_id} was put aside though nothing was wrong with it`))
    if (job.status === 'succeeded' && !order) found.push(violation('lost', `job ${job_id} succeeded without an order`))
    if (job.status === 'succeeded' && order && order.id !== job.order_id)
      found.push(violation('doubled', `job ${job_id} says order ${job.order_id}, and there is order ${order.id}`))
    if (job.status !== 'succeeded' && order)
      found.push(violation('changed-outcome', `job ${job_id} is ${job.status} and has order ${order.id}`))
    if (job.status === 'rejected' && !(body.items && job.code === 'out_of_stock'))
      found.push(violation('refused-wrongly', `job ${job_id} was rejected: ${job.code}`))
    if (order && !isAsAsked(order, placed))
      found.push(violation('altered', `order ${order.id} is not what job ${job_id} asked for`))
  }
  return found
}

function isAsAsked(order: StoredOrder, { body }: PlacedOrder): boolean {
  if (order.customer_id !== body.customer_id) return false
  if (!body.items) return order.total === body.total && order.items.length === 0
  const quantities = new Map(order.items.map((item) => [item.product_id, item.quantity]))
  return (
    quantities.size === body.items.length &&
    body.items.every((item) => quantities.get(item.product_id) === item.quantity)
  )
}

/** No order without somebody who asked for it: one told "nothing was enqueued", or who asked once, has none too many. */
function auditOwners({ orders, customers }: Ledger, facts: Facts): Violation[] {
  const asked = new Set(orders.flatMap(({ jobIds }) => [...jobIds]))
  const ours = new Set(customers)
  const unsure = new Map<number, PlacedOrder>()
  for (const placed of orders) if (!placed.key && placed.fate !== 'accepted') unsure.set(placed.body.total ?? 0, placed)
  return facts.orders.flatMap(({ id, job_id, customer_id, total }) => {
    if (asked.has(job_id) || !ours.has(customer_id)) return []
    const owner = unsure.get(total)
    unsure.delete(total)
    if (owner?.fate === 'unknown') return []
    const why = owner ? 'its client was told that nothing was enqueued' : 'nobody was told of it'
    return [violation('doubled', `order ${id} exists, and ${why}`)]
  })
}

function auditOrder(order: StoredOrder, { products, cancellations, customers }: Ledger): Violation[] {
  if (!customers.includes(order.customer_id)) return []
  const found: Violation[] = []
  const sum = order.items.reduce((cents, item) => cents + Math.round(item.unit_price * 100) * item.quantity, 0)
  if (order.items.length > 0 && Math.round(order.total * 100) !== sum)
    found.push(violation('wrong-total', `order ${order.id} has the total ${order.total}; its items make ${sum / 100}`))
  for (const { product_id, unit_price } of order.items) {
    const product = products.get(product_id)
    if (product && !wasPrice(product, unit_price))
      found.push(
        violation(
          'wrong-total',
          `order ${order.id} was charged ${unit_price} for product ${product_id}, which never was its price`,
        ),
      )
  }
  const acknowledged = cancellations.get(order.id)
  if (acknowledged && order.status !== 'cancelled')
    found.push(violation('not-cancelled', `order ${order.id} is ${order.status}`))
  if (acknowledged === undefined && order.status === 'cancelled')
    found.push(violation('altered', `nobody cancelled order ${order.id}`))
  return found
}

function wasPrice(product: KnownProduct, price: number): boolean {
  const revision = Math.round((price - product.basePrice) * 100)
  return revision >= 0 && revision <= product.changes && priceOf(product, revision) === price
}

/** For every product: initial + added − sold + cancelled = stock, and never below zero. */
function auditStock({ products }: Ledger, { orders, products: stored }: Facts): Violation[] {
  const moved = new Map<number, Moved>()
  for (const { items, status } of orders) {
    for (const { product_id, quantity } of items) {
      const { sold, cancelled, writes } = moved.get(product_id) ?? { sold: 0, cancelled: 0, writes: 0 }
      const isBack = status === 'cancelled'
      moved.set(product_id, {
        sold: sold + quantity,
        cancelled: cancelled + (isBack ? quantity : 0),
        writes: writes + (isBack ? 2 : 1),
      })
    }
  }
  return [...products.values()].flatMap((known) => {
    const row = stored.get(known.id)
    const move = moved.get(known.id) ?? { sold: 0, cancelled: 0, writes: 0 }
    return row
      ? auditProduct(known, row, move)
      : [violation('lost', `product ${known.id} was created, and is not there`)]
  })
}

interface Moved {
  sold: number
  cancelled: number
  /** Orders and cancellations, each of which writes the row once. */
  writes: number
}

function auditProduct(
  known: KnownProduct,
  { stock, version }: StoredProduct,
  { sold, cancelled, writes }: Moved,
): Violation[] {
  const { id, initialStock, added } = known
  const due = initialStock + added - sold + cancelled
  if (stock === due && stock >= 0) return []
  const sum = `${initialStock} + ${added} added − ${sold} sold + ${cancelled} cancelled = ${due}`
  if (stock < 0) return [violation('oversold', `product ${id} has a stock of ${stock}`)]
  if (stock < due) return [violation('missing-stock', `product ${id} has ${stock} left; ${sum}`)]
  // Too much is left: units were sold without being taken, or given back more than once. The latter writes the row more
  // often than there were reasons to, which only the database tells.
  if (cancelled > 0 && due >= 0 && version === undefined)
    return [violation('surplus-stock', `product ${id} has ${stock} left; ${sum}`)]
  const wroteTooOften = version !== undefined && version - 1 > known.changes + writes
  const name = cancelled > 0 && wroteTooOften ? 'restocked-twice' : 'oversold'
  return [violation(name, `product ${id} has ${stock} left; ${sum}`)]
}

const violation = (name: string, detail: string): Violation => ({ name, detail })
