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
  /** The same request was accepted before; this is its answer again. */
  replayed: boolean
}

interface Options {
  producer: OrderQueue
  keys: IdempotencyKeys
  statuses: JobStatuses
  /** Orders that may wait. */
  maxPending: number
  /** Milliseconds from the request's start in which all steps in the store have to be done. */
  timeout: number
}

/**
 * Takes an order in (queue-based load leveling, Azure Architecture Center): looks at its shape alone, writes it to the
 * queue and lets the client go. Only what the queue has confirmed is answered 202.
 *
 * With an `Idempotency-Key` the key is claimed, and the job's id follows from key and body. So a request that died
 * between claim and queue is completed by its retry, and one that was enqueued is not enqueued again: the queue knows
 * the id. A retry finds its job even over a full queue. Where it can't be told whether the queue has the order (its answer
 * did not come), the 503 names the job.
 * More of both: docs/patterns/queue-based-load-leveling.md and docs/patterns/idempotent-receiver.md.
 *
 * @returns a function that places an order; it rejects with a ProblemError
 */
export function orderIntake({ producer, keys, statuses, maxPending, timeout }: Options) {
  const { queue, redis } = producer
  const pending = backlog(queue)

  /** @param elapsed milliseconds since the request's start, which reading its body took */
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
    // Before the claim: a key whose order was turned away is as unused as before.
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

  /** Known before anything was sent, so known to have changed nothing. */
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

  /** Whether an earlier request put the job into the queue: what can't be told counts as no. */
  function isKnown(job_id: string, deadline: number): Promise<boolean> {
    return within(deadline - performance.now(), statuses.read(job_id)).then(
      () => true,
      () => false,
    )
  }

  /** One step in the store of the queue, with its failure told apart: surely not done, or not known. */
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

/** The store answered and said no, or there was no connection to send anything on. */
function isRefusal(error: unknown): boolean {
  const { name, code, message } = error as { name?: string; code?: string; message?: string }
  if (name === 'ReplyError') return true // Redis: full, loading, read-only
  if (name === 'SchemaMigrationRequiredError') return true // PostgreSQL: without the queue's tables yet
  if (code === 'ECONNREFUSED' || /^(53300|57P03|28000|28P01)$/.test(code ?? '')) return true
  return /enableOfflineQueue|timeout exceeded when trying to connect|Connection terminated due to connection timeout/.test(
    message ?? '',
  )
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
