import { observeJobs } from '../observability/metrics/jobs.metrics.ts'
import { traceProcessing } from '../observability/tracing/orders.tracing.ts'
import { traced } from '../observability/tracing/tracing.ts'
import { startOrderWorker } from '../orders/order-worker.ts'
import { trimCompleted } from '../patterns/queue/retention.ts'
import type { Context } from './context.ts'
import type { Stores } from './stores.ts'

/** Consumes the queue: decides orders, and removes completed jobs where the queue does not do so by itself. */
export function startWorker({ config, log, parts, tracing, shutdown }: Context, stores: Stores): void {
  const { db, list, queueStore, producer, registry } = stores
  shutdown.opened(
    startOrderWorker({
      store: queueStore,
      db,
      list,
      processOrder: parts.processOrder,
      group: tracing === undefined, // traced, each order has the statements of its own transaction in its trace
      observer: observeJobs(registry),
      wrap: (process) => traced(tracing, process, traceProcessing),
      concurrency: config.WORKER_CONCURRENCY,
      drain: () => shutdown.remaining(0.8),
      log,
    }),
  )
  if (!config.REDIS_URL) shutdown.opened(trimCompleted(producer.queue, log))
}
