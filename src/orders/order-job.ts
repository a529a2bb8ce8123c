import Type, { type Static } from 'typebox'
import { timestamps } from '../http/validation.ts'
import type { OpenQueue } from '../patterns/queue/queue.ts'
import { NewOrder } from './order.ts'

/**
 * The data of an order job: the order, the id of its request, and, with tracing on, the span that enqueued it (W3C Trace
 * Context).
 */
export const OrderJob = Type.Object({
  order: NewOrder,
  request_id: Type.String(),
  traceparent: Type.Optional(Type.String()),
  tracestate: Type.Optional(Type.String()),
})
export type OrderJob = Static<typeof OrderJob>

const Reason = Type.Object({ code: Type.String(), detail: Type.String() })
export type Reason = Static<typeof Reason>

/** How an order ended. */
export type Outcome =
  | { status: 'succeeded'; order_id: number }
  | { status: 'rejected'; error: Reason }
  | { status: 'failed'; error: Reason }

/** The queue as the producer has it: each of its jobs is named `order`. */
export type OrderQueue = OpenQueue<OrderJob, Outcome, 'order'>

/** Why an order is `failed`; the error itself is in the log. */
export const PROCESSING_FAILED: Reason = {
  code: 'processing_failed',
  detail: 'The order could not be processed.',
}

/**
 * The state of an accepted order:
 *
 * ```
 * queued → running → succeeded | rejected
 *            ↓ ↑
 *          retrying → failed → (redriven) queued
 * ```
 */
export const JobStatus = Type.Object(
  {
    job_id: Type.String(),
    status: Type.Enum(['queued', 'running', 'retrying', 'succeeded', 'rejected', 'failed']),
    attempts: Type.Integer({ description: 'Attempts begun so far' }),
    order_id: Type.Optional(Type.Integer()),
    error: Type.Optional(Reason),
    ...timestamps,
  },
  {
    examples: [
      {
        job_id: '5d1a2f6e-94f5-5e0c-8f4b-0f5f5e3f9f01',
        status: 'succeeded',
        attempts: 1,
        order_id: 7,
        created_at: '2026-01-05T10:00:00.000Z',
        updated_at: '2026-01-05T10:00:00.020Z',
      },
    ],
  },
)
export type JobStatus = Static<typeof JobStatus>

export const isFinal = ({ status }: JobStatus) => status === 'succeeded' || status === 'rejected' || status === 'failed'

/** The form of job ids: UUIDs. */
export const JobParams = Type.Object(
  {
    job_id: Type.String({
      description: 'a UUID',
      pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
    }),
  },
  { additionalProperties: false },
)
