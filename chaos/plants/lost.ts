import { randomUUID } from 'node:crypto'
import { fingerprintOf, jobIdOf } from '../../src/orders/idempotency.ts'
import type { orderIntake } from '../../src/orders/place-order.ts'

const FLUSH_MS = 250

/** Says 202 and enqueues a little later, in batches: cheap, until the process dies with a batch in its memory. */
export const forgetfulIntake: typeof orderIntake = ({ producer }) => {
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
