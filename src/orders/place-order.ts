import { randomUUID } from 'node:crypto'
import type { JobsOptions } from 'bullmq'
import { isDatabaseAway } from '../db/away.ts'
import { ProblemError, unavailable } from '../http/errors.ts'
import { backlog } from '../patterns/queue/backlog.ts'
import { TimeoutError, within } from '../within.ts'
import { fingerprintOf, hashKey, type IdempotencyKeys, jobIdOf } from './idempotency.ts'
import type { JobStatuses } from './job-status.ts'
import type { NewOrder } from './order.ts'
import type { OrderQueue } from './order-job.ts'

export interface Placement {
  job_id: string
  /** The same request was accepted before, and this is its answer again. */
  replayed: boolean
}

interface Options {
  producer: OrderQueue
  keys: IdempotencyKeys
  statuses: JobStatuses
  /** Orders that may wait. */
  maxPending: number
  /** Milliseconds after the request's start by which all steps in the store must have ended. */
  timeout: number
}

/**
 * Accepts an order (queue-based load leveling, Azure Architecture Center): checks its form alone, writes it to the queue and
 * answers. The answer is 202 only when the queue has confirmed the order.
 *
 * With an `Idempotency-Key` the key is claimed, and the job's id follows from key and body. So a retry completes a request
 * that died between claim and queue, and does not enqueue an order again: the queue knows the id. A retry finds its job
 * even when the queue is full. When the queue does not answer, nobody knows whether it has the order, and the 503 names
 * the job.
 * See docs/patterns/queue-based-load-leveling.md and docs/patterns/idempotent-receiver.md.
 *
 * @returns a function that places an order; it rejects with a ProblemError
 */
export function orderIntake({ producer, keys, statuses, maxPending, timeout }: Options) {
  const { queue, redis } = producer
  const pending = backlog(queue)

  /** @param elapsed milliseconds since the request's start, spent on reading its body */
  return async function placeOrder(
    order: NewOrder,
    request_id: string,
    key: string | undefined,
    elapsed = 0,
  ): Promise<Placement> {
    assertDistinct(order)
    assertReachable()
    const deadline = performance.now() + timeout - elapsed
    const fingerprint = key === undefined ? '' : fingerprintOf(order)
    const job_id = key === undefined ? randomUUID() : jobIdOf(key, fingerprint)
    // Before the claim: the key of a refused order stays unused.
    const size = await waiting(deadline)
    if (size >= maxPending) {
      if (key !== undefined && (await isKnown(job_id, deadline))) return { job_id, replayed: true }
      throw unavailable('queue_full', `${size} orders wait already; this request enqueued nothing.`)
    }
    const add = async (options?: JobsOptions) => {
      const job = await queue.add('order', { order, request_id }, { ...options, jobId: job_id })
      return job.id
    }
    const claim = key === undefined ? add() : keys.claim({ key: hashKey(key), fingerprint, job_id }, add)
    const outcome = await step(claim, job_id, deadline)
    if (outcome === 'mismatch')
      throw new ProblemError(422, 'idempotency_key_reused', 'This Idempotency-Key came with another body before.')
    const replayed = outcome === 'replayed'
    if (!replayed) pending.added()
    return { job_id, replayed }
  }

  /** Refuses before anything is sent, so that the refusal has certainly changed nothing. */
  function assertReachable(): void {
    if (redis && redis.status !== 'ready') {
      throw unavailable('queue_unavailable', 'Orders cannot be taken right now; this request enqueued nothing.')
    }
  }

  /** How many orders wait. */
  function waiting(deadline: number): Promise<number> {
    return within(deadline - performance.now(), pending.size(maxPending)).catch((cause) => {
      throw unavailable('queue_unavailable', 'Orders cannot be taken right now; this request enqueued nothing.', cause)
    })
  }

  /** Whether an earlier request enqueued the job; no when that cannot be found out. */
  function isKnown(job_id: string, deadline: number): Promise<boolean> {
    return within(deadline - performance.now(), statuses.read(job_id)).then(
      () => true,
      () => false,
    )
  }

  /** Runs one step in the store of the queue. Its failure says whether the step was certainly not done, or may have been. */
  async function step<T>(work: Promise<T>, job_id: string, deadline: number): Promise<T> {
    try {
      return await within(deadline - performance.now(), work)
    } catch (cause) {
      if (isRefusal(cause))
        throw unavailable(
          'queue_unavailable',
          'Orders cannot be taken right now; this request enqueued nothing.',
          cause,
        )
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

/** Whether the store refused, or there was no connection to send anything on. */
function isRefusal(error: unknown): boolean {
  const { name, code, message } = error as { name?: string; code?: string; message?: string }
  if (name === 'ReplyError') return true // Redis: full, loading, read-only
  if (name === 'SchemaMigrationRequiredError') return true // PostgreSQL: without the queue's tables yet
  if (code === 'ECONNREFUSED' || /^(53300|57P03|28000|28P01)$/.test(code ?? '')) return true
  return /enableOfflineQueue|timeout exceeded when trying to connect|Connection terminated due to connection timeout/.test(
    message ?? '',
  )
}

/** Whether the connection broke before the answer came. */
function isLost(error: unknown): boolean {
  const { name, message } = error as { name?: string; message?: string }
  return (
    isDatabaseAway(error) ||
    name === 'MaxRetriesPerRequestError' ||
    /Connection is closed|Command timed out|ECONNRESET|EPIPE/.test(message ?? '')
  )
}

/** JSON Schema has no keyword for "unique by one field". */
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
