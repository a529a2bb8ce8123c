import { observeJobs } from '../observability/metrics/jobs.metrics.ts'
import { traceOrders } from '../observability/tracing/orders.tracing.ts'
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
      pool: config.DATABASE_POOL,
      decideOrders: parts.decideOrders,
      observer: observeJobs(registry),
      traces: tracing && traceOrders(tracing),
      concurrency: config.WORKER_CONCURRENCY,
      drain: () => shutdown.remaining(0.8),
      log,
    }),
  )
  if (!config.REDIS_URL) shutdown.opened(trimCompleted(producer.queue, log))
}
