import { randomUUID } from 'node:crypto'
import type { orderIntake } from '../../src/orders/place-order.ts'

/** Looks whether the key was seen, enqueues, then notes the key: two requests at one instant both see nothing. */
export const checkThenActIntake: typeof orderIntake = ({ producer }) => {
  return async function placeOrder(order, request_id, key) {
    const seen = key && (await producer.redis?.get(`seen:${key}`))
    if (seen) return { job_id: seen, replayed: true }
    const job_id = randomUUID()
    await producer.queue.add('order', { order, request_id }, { jobId: job_id })
    if (key) await producer.redis?.set(`seen:${key}`, job_id)
    return { job_id, replayed: false }
  }
}
