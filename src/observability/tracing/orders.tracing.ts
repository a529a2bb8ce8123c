import type { OrderJob, OrderQueue, Outcome } from '../../orders/order-job.ts'
import { type Processor, QUEUE } from '../../patterns/queue/queue.ts'
import type { Tracing } from './tracing.ts'

/*
 * The two ends of the queue, by the semantic conventions for messaging. The context of the producer's span travels in the
 * job, and the consumer's span is its child: one message is processed at a time, and so an order is one trace from the
 * request to the commit, however long it waited and however often it was tried.
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

/** The same processing of a job, in a span below the one that published it. */
export function traceProcessing(process: Processor<OrderJob, Outcome>, tracing: Tracing): Processor<OrderJob, Outcome> {
  const { api } = tracing
  return async (job, token, signal) => {
    const parent = api.propagation.extract(api.ROOT_CONTEXT, job.data)
    const options = {
      kind: api.SpanKind.CONSUMER,
      attributes: { ...attributes('process', job.id), 'shop.job.attempt': job.attemptsMade + 1 },
    }
    return tracing.span(
      'orders process',
      options,
      async (span) => {
        const outcome = await process(job, token, signal)
        span.setAttribute('shop.order.outcome', outcome.status)
        if (outcome.status === 'rejected') span.setAttribute('shop.order.rejection', outcome.error.code)
        return outcome
      },
      parent,
    )
  }
}
