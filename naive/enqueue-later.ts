import { randomUUID } from 'node:crypto'
import { fingerprintOf, jobIdOf } from '../src/orders/idempotency.ts'
import type { orderIntake } from '../src/orders/place-order.ts'
import type { Modification } from '../support/modified-shop.ts'

const FLUSH_MS = 250

/**
 * **The problem.** Every order waits for the queue to confirm it.
 *
 * **What this does.** It answers 202 at once and enqueues a little later, in batches. That is cheap and quick.
 *
 * **What goes wrong.** A process that dies has a batch in its memory: accepted orders that no queue knows.
 *
 * **The right one** is `src/orders/place-order.ts`: the answer is 202 only when the queue has confirmed the order.
 */
export const enqueueLater: typeof orderIntake = ({ producer }) => {
  let batch: Parameters<typeof producer.queue.addBulk>[0] = []
  setInterval(() => {
    const jobs = batch
    batch = []
    if (jobs.length > 0) void producer.queue.addBulk(jobs).catch(() => {})
  }, FLUSH_MS).unref()

  return async function placeOrder(order, request_id, key) {
    const job_id = key ? jobIdOf(key, fingerprintOf(order)) : randomUUID()
    batch.push({ name: 'order', data: { order, request_id }, opts: { jobId: job_id } })
    return { job_id, replayed: false }
  }
}

export default { parts: { orderIntake: enqueueLater } } satisfies Modification
