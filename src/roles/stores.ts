import type { Redis } from 'ioredis'
import { type Config, ConfigError, type Role } from '../config.ts'
import { connectDatabase, type Db } from '../db/database.ts'
import { startEmbeddedPostgres } from '../db/embedded/embedded-postgres.ts'
import { countReads } from '../observability/metrics/cache.metrics.ts'
import { observeHealth } from '../observability/metrics/health.metrics.ts'
import { observePool } from '../observability/metrics/pool.metrics.ts'
import { countQueries } from '../observability/metrics/queries.metrics.ts'
import { observeQueue } from '../observability/metrics/queue.metrics.ts'
import { createRegistry, type Registry } from '../observability/metrics/registry.ts'
import { traceCache } from '../observability/tracing/cache.tracing.ts'
import { traceDialect } from '../observability/tracing/database.tracing.ts'
import { tracePublishing } from '../observability/tracing/orders.tracing.ts'
import { traced } from '../observability/tracing/tracing.ts'
import type { OrderQueue } from '../orders/order-job.ts'
import { memoryCache } from '../patterns/cache/memory-cache.ts'
import { redisCache } from '../patterns/cache/redis-cache.ts'
import { databaseCheck, type HealthMonitor, healthMonitor } from '../patterns/health/health-monitor.ts'
import { openQueue, type QueueStore } from '../patterns/queue/queue.ts'
import { PRODUCTS_KEY } from '../products/product-list.ts'
import { connectRedis } from '../redis/redis.ts'
import { version } from '../version.ts'
import type { Context } from './context.ts'

export type Producer = OrderQueue

/** The URL of the database: `DATABASE_URL`, or that of the embedded server, which it starts. */
export async function findDatabase({ config, role, log, stop, shutdown }: Context): Promise<string> {
  if (config.DATABASE_URL) return config.DATABASE_URL
  if (role !== 'all' && role !== 'migrate')
    throw new ConfigError(`The role ${role} needs DATABASE_URL: the embedded database serves one process, the role all`)
  const postgres = await startEmbeddedPostgres(config.DATA_DIR, log, { signal: stop })
  shutdown.defer(() => postgres.stop())
  return postgres.url
}

/** Where the queue lives. */
export function queueStore({ config, log }: Context, databaseUrl: string): QueueStore {
  return { redisUrl: config.REDIS_URL, databaseUrl, timeout: config.REQUEST_TIMEOUT * 0.6, log }
}

export type Stores = ReturnType<typeof openStores>

/** What the API and the worker both work on: database, cache and queue, each measured, and the health of all. */
export function openStores(context: Context, databaseUrl: string) {
  const { config, log, role, parts, tracing, shutdown } = context
  const registry = createRegistry({ version, role })
  const db = openDatabase(context, databaseUrl, registry)
  const redis = config.REDIS_URL ? connectRedis(config.REDIS_URL, { name: 'cache and limits', log }) : undefined
  shutdown.defer(() => redis?.disconnect())
  const cache = shutdown.opened(redis ? redisCache(redis, [PRODUCTS_KEY], log) : memoryCache())
  const list = traced(
    tracing,
    countReads(parts.productList({ db, cache, ttl: config.CACHE_TTL }), registry),
    traceCache,
  )
  const store = queueStore(context, databaseUrl)
  const retries = { attempts: config.JOB_ATTEMPTS, backoff: config.JOB_BACKOFF }
  const producer: Producer = traced(tracing, shutdown.opened(openQueue(store, retries)), tracePublishing)
  observeQueue(producer.queue, config.QUEUE_MAX_PENDING, registry)
  const monitor = openMonitor(context, databaseUrl, redis, producer)
  observeHealth(monitor, registry)
  return { registry, db, redis, cache, list, queueStore: store, producer, monitor }
}

function openDatabase({ config, log, tracing, shutdown }: Context, url: string, registry: Registry): Db {
  const db = connectDatabase(url, {
    max: config.DATABASE_POOL,
    timeout: config.REQUEST_TIMEOUT,
    connect: config.REQUEST_TIMEOUT * 0.4,
    log,
    watch: (pool) => observePool(pool, registry),
    wrap: (dialect) => traced(tracing, dialect, traceDialect),
    onQuery: countQueries(registry),
  })
  shutdown.defer(() => db.destroy())
  return db
}

function openMonitor(
  { config, log, shutdown }: Context,
  databaseUrl: string,
  redis: Redis | undefined,
  { queue, redis: queueRedis }: Producer,
): HealthMonitor {
  // A connection of its own: a pool whose connections are all in use does not mean that the database is away.
  const probe = connectDatabase(databaseUrl, { max: 1, timeout: 1000, log })
  shutdown.defer(() => probe.destroy())
  const monitor = healthMonitor({
    required: { database: databaseCheck(probe) },
    optional: redis
      ? { cache: () => redis.ping(), queue: () => acceptsWrites(queueRedis) }
      : { queue: () => queue.getWaitingCount() },
  })
  shutdown.announce(async () => {
    monitor.drain()
    await new Promise((resolve) => setTimeout(resolve, config.SHUTDOWN_DELAY))
  })
  return monitor
}

/** A Redis that is full still answers PING; what the queue needs is that it takes a write. */
async function acceptsWrites(redis: Redis | undefined): Promise<unknown> {
  return redis?.set('health:write', '1', 'PX', 1000)
}

/** What a role runs on, in words. */
export function describeStores({ DATABASE_URL, REDIS_URL, DATA_DIR }: Config, role: Role): Record<string, string> {
  const queue = REDIS_URL ? 'Redis' : 'in the database'
  if (role === 'dashboard') return { queue }
  return {
    database: DATABASE_URL ? 'PostgreSQL of DATABASE_URL' : `embedded PostgreSQL in ${DATA_DIR}`,
    queue,
    cache_and_limits: REDIS_URL ? 'Redis' : 'in memory',
  }
}
