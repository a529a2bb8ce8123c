import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import checkThenAct from '../../naive/check-then-act.ts'
import { decideOne, eachAlone } from '../../naive/each-alone.ts'
import { everyRequestIsNew } from '../../naive/no-idempotency.ts'
import readThenWrite from '../../naive/read-then-write.ts'
import restockThenMark from '../../naive/restock-then-mark.ts'
import { decideOrders } from '../../src/orders/decide-orders.ts'
import { fingerprintOf, type IdempotencyKeys } from '../../src/orders/idempotency.ts'
import { orderIntake } from '../../src/orders/place-order.ts'
import { type Mutant, onAnswer } from './mutant.ts'

type Intake = typeof orderIntake
type Decide = typeof decideOrders

/** The real intake, given another key than the client's. */
const keyed =
  (change: (key: string | undefined, order: object) => string | undefined): Intake =>
  (options) => {
    const place = orderIntake(options)
    return (order, request_id, key) => place(order, request_id, change(key, order))
  }

/** Answers when the worker is done. */
const synchronousIntake: Intake = (options) => {
  const place = orderIntake(options)
  return async (...args) => {
    const placed = await place(...args)
    while (!/completed|failed|unknown/.test(await options.producer.queue.getJobState(placed.job_id))) await sleep(2)
    return placed
  }
}

/** A job id made from the clock: two orders of one millisecond are one. */
const clockIntake: Intake = (options) => {
  const place = orderIntake(options)
  return async (order, request_id, key) => {
    if (key !== undefined) return place(order, request_id, key)
    const job_id = `00000000-0000-7000-8000-${Date.now().toString(16).padStart(12, '0')}`
    await options.producer.queue.add('order', { order, request_id }, { jobId: job_id })
    return { job_id, replayed: false }
  }
}

/** Claims whose answer for another body is that of the same body. */
const anyBody = (keys: IdempotencyKeys): IdempotencyKeys => ({
  async claim(request, add) {
    const claimed = await keys.claim(request, add)
    if (claimed !== 'mismatch') return claimed
    await add()
    return 'replayed'
  },
})

/** Notes a job before its work, and takes one that was noted for done: what dies in between is never made. */
const notedFirst = eachAlone(async (db, { facts, order }) => {
  const noted = await db
    .insertInto('idempotency_keys')
    .values({ key: `noted ${facts.job_id}`, fingerprint: '' })
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .executeTakeFirst()
  if (!noted) return { status: 'rejected', error: { code: 'duplicate', detail: 'This job was seen before.' } }
  await sleep(100) // somebody else's service
  return decideOne(decideOrders, db, { facts, order })
})

/** Makes an order whenever the job runs, and is slow to say that it has. */
const onceMore: Decide = async (db, jobs) => {
  const anew = jobs.map(({ facts, order }) => ({ facts: { ...facts, job_id: randomUUID() }, order }))
  const outcomes = await decideOrders(db, anew)
  await sleep(100)
  return outcomes
}

/** Cuts prices to cents in binary: 0.29 * 100 is 28.999999999999996. */
const truncating = eachAlone(async (db, { facts, order }) => {
  const outcome = await decideOne(decideOrders, db, { facts, order })
  if (outcome.status !== 'succeeded') return outcome
  const items = await db.selectFrom('order_items').selectAll().where('order_id', '=', outcome.order_id).execute()
  const cents = items.reduce((sum, { unit_price, quantity }) => sum + Math.trunc(unit_price * 100) * quantity, 0)
  if (items.length > 0)
    await db
      .updateTable('orders')
      .set({ total: cents / 100 })
      .where('id', '=', outcome.order_id)
      .execute()
  return outcome
})

/** Takes the first item before it knows that the second can be had. */
const itemByItem = eachAlone(async (db, { facts, order }) => {
  const outcome = await decideOne(decideOrders, db, { facts, order })
  const [first, second] = order.items ?? []
  if (outcome.status === 'rejected' && first && second)
    await db
      .updateTable('products')
      .set((row) => ({ stock: row('stock', '-', first.quantity) }))
      .where('id', '=', first.product_id)
      .execute()
  return outcome
})

/** Keeps totals in whole units. */
const rounding: Decide = (db, jobs) =>
  decideOrders(
    db,
    jobs.map(({ facts, order }) => ({
      facts,
      order: order.total === undefined ? order : { ...order, total: Math.round(order.total) },
    })),
  )

/** Takes one unit, however many were ordered. */
const oneUnit = eachAlone(async (db, { facts, order }) => {
  const outcome = await decideOne(decideOrders, db, { facts, order })
  for (const { product_id, quantity } of outcome.status === 'succeeded' ? (order.items ?? []) : [])
    await db
      .updateTable('products')
      .set((row) => ({ stock: row('stock', '+', quantity - 1) }))
      .where('id', '=', product_id)
      .execute()
  return outcome
})

export const orderMutants: Record<string, Mutant> = {
  synchronous: {
    defect: 'answers when the order is in the database',
    loses: ['queue.deferred'],
    parts: { orderIntake: synchronousIntake },
  },
  'clock-ids': {
    defect: 'makes the id of a job from the clock alone',
    loses: ['queue.once', 'stock.oversell'],
    parts: { orderIntake: clockIntake },
  },
  'no-idempotency': {
    defect: 'does not look at Idempotency-Key',
    loses: ['idempotency.replay', 'idempotency.at-once', 'idempotency.other-body'],
    parts: { orderIntake: everyRequestIsNew },
  },
  'look-then-claim': {
    defect: 'looks for the key, then writes it',
    loses: ['idempotency.at-once'],
    ...checkThenAct,
  },
  'any-body': {
    defect: 'answers another body with a used key as if it were the first',
    loses: ['idempotency.other-body'],
    parts: {
      orderIntake: (options) => orderIntake({ ...options, keys: anyBody(options.keys) }),
    },
  },
  'equal-is-same': {
    defect: 'takes equal orders without a key for one',
    loses: ['queue.equal-orders', 'stock.oversell'],
    parts: { orderIntake: keyed((key, order) => key ?? fingerprintOf(order)) },
  },
  'noted-first': {
    defect: 'notes a job as done before it is',
    loses: ['queue.survives-kill'],
    with: ['kill-worker'],
    parts: { decideOrders: notedFirst },
  },
  'once-more': {
    defect: 'a job that runs twice makes two orders',
    loses: ['queue.survives-kill'],
    with: ['kill-worker'],
    parts: { decideOrders: onceMore },
  },
  'whole-units': {
    defect: 'keeps totals in whole units',
    loses: ['queue.processed'],
    parts: { decideOrders: rounding },
  },
  'one-unit': {
    defect: 'takes one unit from stock, however many were ordered',
    loses: ['stock.taken', 'stock.cancel-once'],
    parts: { decideOrders: oneUnit },
  },
  oversold: {
    defect: 'reads the stock, decides, and writes it back',
    loses: ['stock.oversell'],
    ...readThenWrite,
  },
  'item-by-item': {
    defect: 'keeps the stock it has taken for an order that is rejected',
    loses: ['stock.all-or-nothing'],
    parts: { decideOrders: itemByItem },
  },
  'cut-cents': {
    defect: 'cuts prices to cents in binary',
    loses: ['stock.total'],
    parts: { decideOrders: truncating },
  },
  'restocked-twice': {
    defect: 'gives the stock back, then marks the order cancelled',
    loses: ['stock.cancel-once'],
    ...restockThenMark,
  },
  'says-200': {
    defect: 'answers an accepted order 200',
    loses: ['queue.202'],
    hook: onAnswer(
      '/orders/',
      (_, reply, { method }) => void (method === 'POST' && reply.statusCode === 202 && reply.code(200)),
    ),
  },
}
