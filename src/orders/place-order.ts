import { randomUUID } from 'node:crypto'
import { isDatabaseAway, ProblemError, unavailable } from '../errors.ts'
import { backlog } from '../queue/backlog.ts'
import type { OpenQueue } from '../queue/connection.ts'
import { TimeoutError, within } from '../within.ts'
import { fingerprintOf, hashKey, type IdempotencyKeys, jobIdOf } from './idempotency.ts'
import type { NewOrder } from './order.ts'
import type { OrderJob, Outcome } from './order-job.ts'

export interface Placement {
  job_id: string
  /** The same request was accepted before; this is its answer again. */
  replayed: boolean
}

interface Options {
  producer: OpenQueue<OrderJob, Outcome>
  keys: IdempotencyKeys
  /** Orders that may wait. */
  maxPending: number
  /** Milliseconds the store gets for each step. */
  timeout: number
}

/**
 * Takes an order in (queue-based load leveling, Azure Architecture Center): looks at its shape alone, writes it to the
 * queue and lets the client go. Only what the queue has confirmed is answered 202.
 *
 * With an `Idempotency-Key` the key is claimed first, and the job's id follows from the key. So a request that died
 * between claim and queue is completed by its retry, and one that was enqueued is not enqueued again: the queue knows
 * the id. Where it can't be told whether the queue has the order (its answer did not come), the 503 names the job.
 *
 * @returns a function that places an order; it rejects with a ProblemError
 */
export function orderIntake({ producer, keys, maxPending, timeout }: Options) {
  const { queue, redis } = producer
  const pending = backlog(queue)

  return async function placeOrder(
    order: NewOrder,
    request_id: string,
    header: string | undefined,
  ): Promise<Placement> {
    assertDistinct(order)
    assertReachable()
    if (header === undefined) {
      await assertRoom()
      return enqueue(randomUUID(), false)
    }
    const key = hashKey(header)
    const job_id = jobIdOf(header)
    const claim = await step(keys.claim(key, fingerprintOf(order)), job_id)
    if (claim === 'mismatch') {
      throw new ProblemError(422, 'idempotency_key_reused', 'This Idempotency-Key came with another body before.')
    }
    if (claim === 'replayed') return enqueue(job_id, true)
    try {
      await assertRoom()
    } catch (error) {
      await keys.release(key).catch(() => {}) // a claim that stays is harmless: the retry enqueues under the same id
      throw error
    }
    return enqueue(job_id, false)

    async function enqueue(job_id: string, replayed: boolean): Promise<Placement> {
      await step(queue().add('order' as never, { order, request_id } as never, { jobId: job_id }), job_id)
      if (!replayed) pending.added()
      return { job_id, replayed }
    }
  }

  /** Known before anything was sent, so known to have changed nothing. */
  function assertReachable(): void {
    queue()
    if (redis && redis.status !== 'ready') {
      throw unavailable('queue_unavailable', 'Orders cannot be taken right now; nothing was enqueued.')
    }
  }

  async function assertRoom(): Promise<void> {
    const size = await within(timeout, pending.size(maxPending)).catch((cause) => {
      throw unavailable('queue_unavailable', 'Orders cannot be taken right now; nothing was enqueued.', cause)
    })
    if (size >= maxPending) throw unavailable('queue_full', `${size} orders wait already; nothing was enqueued.`)
  }

  /** One step in the store of the queue, with its failure told apart: surely not done, or not known. */
  async function step<T>(work: Promise<T>, job_id: string): Promise<T> {
    try {
      return await within(timeout, work)
    } catch (cause) {
      if (isRefusal(cause))
        throw unavailable('queue_unavailable', 'Orders cannot be taken right now; nothing was enqueued.', cause)
      if (!(cause instanceof TimeoutError || isLost(cause))) throw cause
      throw new ProblemError(
        503,
        'order_outcome_unknown',
        `It is not known whether the order was taken: ask for job ${job_id}, or send it again with the same Idempotency-Key.`,
        {
          headers: { 'retry-after': '1', location: `/orders/jobs/${job_id}` },
          job_id,
          cause,
        },
      )
    }
  }
}

/** The store answered and said no, or there was no connection to send anything on. */
function isRefusal(error: unknown): boolean {
  const { name, code, message } = error as { name?: string; code?: string; message?: string }
  if (name === 'ReplyError') return true // Redis: full, loading, read-only
  if (code === 'ECONNREFUSED' || code === '53300' || code === '57P03') return true
  return /enableOfflineQueue|timeout exceeded when trying to connect/.test(message ?? '')
}

/** The connection broke while the answer was due. */
function isLost(error: unknown): boolean {
  const { name, message } = error as { name?: string; message?: string }
  return (
    isDatabaseAway(error) ||
    name === 'MaxRetriesPerRequestError' ||
    /Connection is closed|Command timed out|ECONNRESET|EPIPE/.test(message ?? '')
  )
}

/** JSON Schema has no word for "unique by one field". */
function assertDistinct({ items = [] }: NewOrder): void {
  const seen = new Set<number>()
  const errors = items.flatMap(({ product_id }, index) => {
    const again = seen.has(product_id)
    seen.add(product_id)
    return again ? [{ pointer: `/items/${index}/product_id`, detail: 'is in the order already' }] : []
  })
  if (errors.length > 0)
    throw new ProblemError(422, 'duplicate_product', 'A product is named twice; add up its quantity.', { errors })
}
