import { randomUUID } from 'node:crypto'
import type { orderIntake } from '../src/orders/place-order.ts'
import type { Modification } from '../support/modified-shop.ts'
import { eachAlone } from './each-alone.ts'

/**
 * **The problem.** A client that gets no answer does not know whether its order was taken, so it asks again. A queue
 * whose worker dies does not know whether the job was done, so it gives it to another. Both must: else orders are lost.
 *
 * **What this does.** It takes every request and every delivery for a new order, as if each came once.
 *
 * **What goes wrong.** The answer is lost and the order was taken: the retry makes a second one. The worker died after
 * it had stored the order and before it could say so: the next worker makes a second one. The customer pays twice.
 *
 * **The right ones** are `src/orders/place-order.ts`, where the `Idempotency-Key` is claimed in one step and the job's id
 * follows from it, and `src/orders/decide-orders.ts`, where the order carries its job's id in a unique column, in the
 * transaction that decides it. At least once in delivery, and once in effect.
 */
export const everyRequestIsNew: typeof orderIntake = ({ producer }) =>
  async function placeOrder(order, request_id) {
    const job_id = randomUUID()
    await producer.queue.add('order', { order, request_id }, { jobId: job_id })
    return { job_id, replayed: false }
  }

export const everyDeliveryIsNew = eachAlone(async (db, { order }) => {
  const { customer_id, total = 0 } = order
  const { id: order_id } = await db
    .insertInto('orders')
    .values({ job_id: randomUUID(), customer_id, total })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { status: 'succeeded', order_id }
})

export default { parts: { orderIntake: everyRequestIsNew, decideOrders: everyDeliveryIsNew } } satisfies Modification
