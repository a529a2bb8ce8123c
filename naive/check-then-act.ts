import { randomUUID } from 'node:crypto'
import { ProblemError } from '../src/http/errors.ts'
import { fingerprintOf } from '../src/orders/idempotency.ts'
import type { orderIntake } from '../src/orders/place-order.ts'
import type { Modification } from '../support/modified-shop.ts'

/**
 * **The problem.** A client that gets no answer sends its order again, with the same `Idempotency-Key`.
 *
 * **What this does.** It looks in Redis whether the key was seen, enqueues the order, then notes the key.
 *
 * **What goes wrong.** Two requests at the same moment both see nothing, and both enqueue. A process that dies between
 * queue and note leaves an order that the retry makes again.
 *
 * **The right one** is `src/orders/idempotency.ts`: the key is claimed in one step, and the job's id follows from it.
 */
export const checkThenAct: typeof orderIntake = ({ producer }) =>
  async function placeOrder(order, request_id, key) {
    const seen = key ? await producer.redis?.hgetall(`seen:${key}`) : undefined
    if (seen?.job_id) {
      if (seen.fingerprint !== fingerprintOf(order))
        throw new ProblemError(422, 'idempotency_key_reused', 'This key came with another body.')
      return { job_id: seen.job_id, replayed: true }
    }
    const job_id = randomUUID()
    await producer.queue.add('order', { order, request_id }, { jobId: job_id })
    if (key) await producer.redis?.hset(`seen:${key}`, { job_id, fingerprint: fingerprintOf(order) })
    return { job_id, replayed: false }
  }

export default { parts: { orderIntake: checkThenAct } } satisfies Modification
