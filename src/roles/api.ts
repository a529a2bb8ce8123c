import { buildApp } from '../app.ts'
import { listen } from '../http/listen.ts'
import { countDecisions } from '../observability/metrics/limiter.metrics.ts'
import { databaseKeys, redisKeys } from '../orders/idempotency.ts'
import { type JobStatuses, jobStatuses } from '../orders/job-status.ts'
import { openQueueChanges } from '../patterns/queue/queue-changes.ts'
import { parseQuota } from '../patterns/rate-limit/limiter.ts'
import { firstConnection } from '../redis/redis.ts'
import { version } from '../version.ts'
import { within } from '../within.ts'
import type { Context } from './context.ts'
import type { Stores } from './stores.ts'

/** How long a start waits for Redis and the queue: without them the API opens all the same, and its health says so. */
const PATIENCE_MS = 2000

/** Serves the shop's HTTP API. */
export async function startApi(context: Context, stores: Stores): Promise<void> {
  const { config, log, parts, extensions, tracing, shutdown, urls } = context
  const statuses = openStatuses(context, stores)
  const app = await buildApp({
    config,
    version,
    log,
    ...stores,
    limit: limitOf(context, stores),
    cancelOrder: parts.cancelOrder,
    placeOrder: intakeOf(context, stores, statuses),
    statuses,
    extensions,
    closing: shutdown.signal,
    tracing,
  })
  await firstConnections(context, stores)
  urls.api = await listen(app, { host: config.HOST, port: config.PORT, shutdown })
  urls.docs = `${urls.api}/docs`
  for (const { name, path } of extensions) urls[name] = `${urls.api}${path}`
}

function limitOf({ config, log, parts }: Context, { redis, registry }: Stores) {
  const quota = parseQuota(config.RATE_LIMIT)
  return quota && { quota, limiter: countDecisions(parts.limiter(quota, { redis, log }), registry) }
}

function openStatuses({ config, shutdown }: Context, { db, producer, queueStore }: Stores): JobStatuses {
  return jobStatuses({
    db,
    queue: producer.queue,
    changes: shutdown.opened(openQueueChanges(queueStore)),
    timeout: config.REQUEST_TIMEOUT * 0.6,
    maxStreams: config.MAX_STREAMS,
  })
}

function intakeOf({ config, parts }: Context, { db, producer }: Stores, statuses: JobStatuses) {
  return parts.orderIntake({
    producer,
    keys: producer.redis ? redisKeys(producer.redis, producer.queue) : databaseKeys(db),
    statuses,
    maxPending: config.QUEUE_MAX_PENDING,
    timeout: config.REQUEST_TIMEOUT * 0.8,
  })
}

/** A process that takes requests before its first connections would refuse orders though nothing is wrong. */
async function firstConnections({ role }: Context, { redis, producer }: Stores): Promise<void> {
  const connections = [redis, producer.redis].filter((connection) => connection !== undefined)
  await Promise.all(connections.map((connection) => firstConnection(connection, PATIENCE_MS)))
  if (role === 'all') await within(PATIENCE_MS, producer.queue.waitUntilReady()).catch(() => {})
}
