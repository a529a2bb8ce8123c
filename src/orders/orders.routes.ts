import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import Type from 'typebox'
import type { Db } from '../db/database.ts'
import { notFound, ProblemError } from '../http/errors.ts'
import { nextLink, PageQuery } from '../http/pagination.ts'
import { type App, IdParams } from '../http/validation.ts'
import type { CacheAside } from '../patterns/cache/cache-aside.ts'
import type { cancelOrder } from './cancel-order.ts'
import { parseKey } from './idempotency.ts'
import { eventStream } from './job-events.ts'
import type { JobStatuses } from './job-status.ts'
import { NewOrder, Order, OrderList } from './order.ts'
import { isFinal, JobParams, JobStatus } from './order-job.ts'
import { findOrder, listOrders } from './orders.queries.ts'
import type { orderIntake } from './place-order.ts'

const Accepted = Type.Object(
  { job_id: Type.String(), status: Type.Literal('queued'), status_url: Type.String() },
  {
    examples: [
      {
        job_id: '5d1a2f6e-94f5-5e0c-8f4b-0f5f5e3f9f01',
        status: 'queued',
        status_url: '/orders/jobs/5d1a2f6e-94f5-5e0c-8f4b-0f5f5e3f9f01',
      },
    ],
  },
)
const MAX_WAIT_S = 30
const STREAM_MS = 10 * 60_000
const tags = ['orders']

interface Options {
  db: Db
  list: CacheAside
  placeOrder: ReturnType<typeof orderIntake>
  cancelOrder: typeof cancelOrder
  statuses: JobStatuses
  /** Ends waits and streams on shutdown. */
  closing: AbortSignal
}

export async function orderRoutes(app: App, { db, list, placeOrder, cancelOrder, statuses, closing }: Options) {
  app.post(
    '/orders/',
    {
      schema: {
        tags,
        summary: 'Order: accepted at once, decided by the worker',
        description: 'Answers as soon as the order is in the queue. Ask for its state at `status_url`.',
        headers: Type.Object({
          'idempotency-key': Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 257, // 255, and the quotes of a quoted one
              description: 'The same key and body give the same answer and one order',
            }),
          ),
        }),
        body: NewOrder,
        response: { 202: Accepted },
      },
    },
    async (request, reply) => {
      const header = request.headers['idempotency-key']
      const key = header === undefined ? undefined : parseKey(header)
      if (header !== undefined && key === undefined) {
        throw new ProblemError(422, 'invalid_input', 'headers: an Idempotency-Key has 1 to 255 characters')
      }
      const { job_id, replayed } = await placeOrder(request.body, request.id, key, reply.elapsedTime)
      const status_url = `/orders/jobs/${job_id}`
      reply.code(202).headers({ location: status_url, 'retry-after': '1' })
      if (replayed) reply.header('idempotent-replayed', 'true')
      return reply.send({ job_id, status: 'queued', status_url })
    },
  )

  app.get(
    '/orders/',
    {
      schema: {
        tags,
        summary: 'A page of orders, or the newest 100',
        querystring: PageQuery,
        response: { 200: OrderList },
      },
    },
    async (request, reply) => {
      const orders = await listOrders(db, request.query)
      return reply.headers(nextLink('/orders/', request.query, orders)).send(orders as never)
    },
  )

  app.get(
    '/orders/:id',
    { schema: { tags, summary: 'One order with its items', params: IdParams, response: { 200: Order } } },
    async (request) => {
      const order = await findOrder(db, request.params.id)
      if (!order) throw notFound('order', request.params.id)
      return order as never
    },
  )

  app.post(
    '/orders/:id/cancel',
    {
      schema: {
        tags,
        summary: 'Cancel an order: its stock comes back, once, however often this is called',
        params: IdParams,
        response: { 200: Order },
      },
    },
    async (request) => {
      const { id } = request.params
      await cancelOrder(db, id)
      const order = await findOrder(db, id)
      if (!order) throw notFound('order', id)
      // Also when it was cancelled before: that request may have died between its commit and this.
      if (order.items.length > 0) await list.invalidate()
      return order as never
    },
  )

  app.get(
    '/orders/jobs/:job_id',
    {
      config: { waitMs: MAX_WAIT_S * 1000 },
      schema: {
        tags,
        summary: 'What became of an accepted order',
        description:
          '`Prefer: wait=N` (RFC 7240) holds the answer until it is final; `Accept: text/event-stream` streams the states.',
        params: JobParams,
        headers: Type.Object({
          prefer: Type.Optional(Type.String({ description: `\`wait=N\`, N ≤ ${MAX_WAIT_S} seconds` })),
        }),
        response: { 200: JobStatus },
      },
    },
    async (request, reply) => {
      const { job_id } = request.params
      if (/\btext\/event-stream\b/.test(request.headers.accept ?? '')) {
        const states = watch(job_id, STREAM_MS, reply.raw)
        const first = await states.next() // an unknown job is a 404, not an empty stream
        return reply
          .headers({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
          .send(Readable.from(eventStream(putBack(first, states))) as never)
      }
      const wait = Math.min(MAX_WAIT_S, Number(/(?:^|[\s,;])wait=(\d+)/i.exec(request.headers.prefer ?? '')?.[1] ?? 0))
      const status = wait > 0 ? await untilFinal(job_id, wait, reply.raw) : await statuses.read(job_id)
      reply.header('cache-control', 'no-store')
      if (wait > 0) reply.header('preference-applied', `wait=${wait}`)
      if (!isFinal(status)) reply.header('retry-after', '1')
      if (status.order_id) reply.header('link', `</orders/${status.order_id}>; rel="related"`)
      return status as never
    },
  )

  /** The states of a job for `ms` milliseconds, while the client is there: one that left gives its place free at once. */
  function watch(job_id: string, ms: number, response: ServerResponse): AsyncGenerator<JobStatus> {
    const gone = closed(response)
    const states = statuses.watch(job_id, AbortSignal.any([closing, gone, AbortSignal.timeout(ms)]))
    // Also when nobody asks for the next state any more.
    gone.addEventListener('abort', () => void states.return(undefined).catch(() => {}))
    return states
  }

  async function untilFinal(job_id: string, seconds: number, response: ServerResponse): Promise<JobStatus> {
    let last: JobStatus | undefined
    for await (const status of watch(job_id, seconds * 1000, response)) last = status
    return last ?? statuses.read(job_id)
  }
}

/** Comes when the client has left or has its answer; `request.signal` comes once its body has been read. */
function closed(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  if (response.closed) gone.abort()
  else response.once('close', () => gone.abort())
  return gone.signal
}

/** Puts a value that was taken out of a sequence back in front of it. */
async function* putBack<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  if (first.done) return
  yield first.value
  yield* rest
}
