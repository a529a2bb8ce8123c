import Type from 'typebox'
import type { Db } from '../db/database.ts'
import { notFound, ProblemError } from '../http/errors.ts'
import { nextLink, PageQuery } from '../http/pagination.ts'
import { problems } from '../http/problem.ts'
import { type App, IdParams } from '../http/validation.ts'
import type { CacheAside } from '../patterns/cache/cache-aside.ts'
import type { cancelOrder } from './cancel-order.ts'
import { parseKey } from './idempotency.ts'
import type { JobStatuses } from './job-status.ts'
import { NewOrder, Order, OrderList } from './order.ts'
import { jobStatusRoute } from './order-jobs.routes.ts'
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
const tags = ['orders']

interface Parts {
  db: Db
  list: CacheAside
  placeOrder: ReturnType<typeof orderIntake>
  cancelOrder: typeof cancelOrder
  statuses: JobStatuses
  /** Ends waits and streams on shutdown. */
  closing: AbortSignal
}

export async function orderRoutes(app: App, parts: Parts): Promise<void> {
  placeOrderRoute(app, parts)
  listOrdersRoute(app, parts)
  getOrderRoute(app, parts)
  cancelOrderRoute(app, parts)
  jobStatusRoute(app, parts)
}

const IdempotencyKey = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 257, // 255, and the quotes of a quoted one
      description: 'The same key and body give the same answer and one order',
    }),
  ),
})

function placeOrderRoute(app: App, { placeOrder }: Parts): void {
  const schema = {
    operationId: 'placeOrder',
    tags,
    summary: 'Order: accepted at once, decided by the worker',
    description: 'Answers as soon as the order is in the queue. Ask for its state at `status_url`.',
    headers: IdempotencyKey,
    body: NewOrder,
    response: { 202: Accepted },
  }
  app.post('/orders/', { schema }, async (request, reply) => {
    const key = keyOf(request.headers['idempotency-key'])
    const { job_id, replayed } = await placeOrder(request.body, request.id, key, reply.elapsedTime)
    const status_url = `/orders/jobs/${job_id}`
    reply.code(202).headers({ location: status_url, 'retry-after': '1' })
    if (replayed) reply.header('idempotent-replayed', 'true')
    return reply.send({ job_id, status: 'queued', status_url })
  })
}

/** @throws ProblemError 422 when the header holds no key */
function keyOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const key = parseKey(header)
  if (key === undefined)
    throw new ProblemError(422, 'invalid_input', 'in the headers: idempotency-key must have 1 to 255 characters')
  return key
}

function listOrdersRoute(app: App, { db }: Parts): void {
  const schema = {
    operationId: 'listOrders',
    tags,
    summary: 'A page of orders, or the newest 100',
    description: 'Without their items. `Link: rel="next"` leads to the next page.',
    querystring: PageQuery,
    response: { 200: OrderList },
  }
  app.get('/orders/', { schema }, async (request, reply) => {
    const orders = await listOrders(db, request.query)
    return reply.headers(nextLink('/orders/', request.query, orders)).send(orders)
  })
}

function getOrderRoute(app: App, { db }: Parts): void {
  const schema = {
    operationId: 'getOrder',
    tags,
    summary: 'One order with its items',
    description: 'The price of an item is the one that was paid.',
    params: IdParams,
    response: { 200: Order, ...problems(404) },
  }
  app.get('/orders/:id', { schema }, async (request) => {
    const order = await findOrder(db, request.params.id)
    if (!order) throw notFound('order', request.params.id)
    return order
  })
}

function cancelOrderRoute(app: App, { db, list, cancelOrder }: Parts): void {
  const schema = {
    operationId: 'cancelOrder',
    tags,
    summary: 'Cancel an order: its stock comes back, once, however often this is called',
    description: 'Answers with the cancelled order, also when it was cancelled before.',
    params: IdParams,
    response: { 200: Order, ...problems(404) },
  }
  app.post('/orders/:id/cancel', { schema }, async (request) => {
    const { id } = request.params
    await cancelOrder(db, id)
    const order = await findOrder(db, id)
    if (!order) throw notFound('order', id)
    // Also when it was cancelled before: that request may have died between its commit and this.
    if (order.items.length > 0) await list.invalidate()
    return order
  })
}
