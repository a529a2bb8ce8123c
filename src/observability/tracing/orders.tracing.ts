import type { Span } from '@opentelemetry/api'
import type { OrderJob, OrderQueue } from '../../orders/order-job.ts'
import type { WorkerTraces } from '../../orders/order-worker.ts'
import { QUEUE } from '../../patterns/queue/queue.ts'
import type { Tracing } from './tracing.ts'

/*
 * The two ends of the queue, by the semantic conventions for messaging. The context of the producer's span travels in the
 * job, and the consumer's span is its child: so an order is one trace from the request to its outcome, however long it
 * waited and however often it was tried.
 */

const attributes = (operation: 'publish' | 'process', job_id: string | undefined) => ({
  'messaging.system': 'bullmq',
  'messaging.destination.name': QUEUE,
  'messaging.operation.name': operation,
  'messaging.operation.type': operation === 'publish' ? 'send' : 'process',
  ...(job_id && { 'messaging.message.id': job_id }),
})

/** The same producer, which puts jobs into the queue in a span of their own, and that span's context into the jobs. */
export function tracePublishing(producer: OrderQueue, tracing: Tracing): OrderQueue {
  const { api } = tracing
  const { queue } = producer
  const add = queue.add.bind(queue)
  queue.add = (name, data, options) =>
    tracing.span(
      'orders publish',
      { kind: api.SpanKind.PRODUCER, attributes: attributes('publish', options?.jobId) },
      () => {
        const carrier: Pick<OrderJob, 'traceparent' | 'tracestate'> & { baggage?: string } = {}
        api.propagation.inject(api.context.active(), carrier)
        const { baggage: _, ...context } = carrier // a client's own words: they are not for our queue
        return add(name, { ...data, ...context }, options)
      },
    )
  return producer
}

/**
 * Spans of a worker. Each job is processed in a span below the one that published it, within the order's trace. Orders of
 * one group share a transaction, which can be in one trace only: it is a trace of its own, in a span that is linked to
 * those of its orders, and they to it. An order that is decided alone has its transaction in its own trace.
 */
export function traceOrders({ api, span: inSpan }: Tracing): WorkerTraces {
  /** Spans of the jobs under way, by their ids. */
  const underWay = new Map<string, Span>()

  const process: WorkerTraces['process'] = (process) => async (job, token) => {
    const parent = api.propagation.extract(api.ROOT_CONTEXT, job.data)
    const options = {
      kind: api.SpanKind.CONSUMER,
      attributes: { ...attributes('process', job.id), 'shop.job.attempt': job.attemptsMade + 1 },
    }
    const work = async (span: Span) => {
      underWay.set(job.id, span)
      const outcome = await process(job, token).finally(() => {
        if (underWay.get(job.id) === span) underWay.delete(job.id) // the job may have been delivered again meanwhile
      })
      span.setAttribute('shop.order.outcome', outcome.status)
      if (outcome.status === 'rejected') span.setAttribute('shop.order.rejection', outcome.error.code)
      return outcome
    }
    return inSpan('orders process', options, work, parent)
  }

  const decide: WorkerTraces['decide'] = (decide) => (db, jobs) => {
    const spans = jobs.flatMap(({ facts }) => underWay.get(facts.job_id) ?? [])
    const [first] = spans
    const isSampled = spans.some((span) => span.isRecording())
    // Within the span of one order: it is the only one, or none of the orders is sampled, and the group is not either.
    if (first && (jobs.length === 1 || !isSampled))
      return api.context.with(api.trace.setSpan(api.ROOT_CONTEXT, first), () => decide(db, jobs))

    const links = spans.map((span) => ({ context: span.spanContext() }))
    const work = (group: Span) => {
      for (const span of spans) span.addLink({ context: group.spanContext() })
      return decide(db, jobs)
    }
    return inSpan('orders decide', { links, attributes: { 'shop.group.size': jobs.length } }, work, api.ROOT_CONTEXT)
  }
  return { process, decide }
}
