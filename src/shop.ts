import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Redis } from 'ioredis'
import { buildApp, createServer } from './app.ts'
import { type Config, ConfigError, type Role } from './config.ts'
import { connectDatabase } from './db/database.ts'
import { startEmbeddedPostgres } from './db/embedded/embedded-postgres.ts'
import { migrateAll } from './db/migrate.ts'
import { retryWhileAway } from './db/retry-while-away.ts'
import { requireAdminToken } from './http/admin-token.ts'
import { whatIsOpen } from './http/open-access.ts'
import type { App } from './http/validation.ts'
import type { Logger } from './log.ts'
import { countReads } from './observability/metrics/cache.metrics.ts'
import { observeHealth } from './observability/metrics/health.metrics.ts'
import { observeJobs } from './observability/metrics/jobs.metrics.ts'
import { countDecisions } from './observability/metrics/limiter.metrics.ts'
import { metricsRoutes } from './observability/metrics/metrics.routes.ts'
import { observePool } from './observability/metrics/pool.metrics.ts'
import { countQueries } from './observability/metrics/queries.metrics.ts'
import { observeQueue } from './observability/metrics/queue.metrics.ts'
import { createRegistry } from './observability/metrics/registry.ts'
import { traceCache } from './observability/tracing/cache.tracing.ts'
import { traceDialect } from './observability/tracing/database.tracing.ts'
import { traceProcessing, tracePublishing } from './observability/tracing/orders.tracing.ts'
import type { Tracing } from './observability/tracing/tracing.ts'
import { databaseKeys, redisKeys } from './orders/idempotency.ts'
import { jobStatuses } from './orders/job-status.ts'
import type { OrderJob, Outcome } from './orders/order-job.ts'
import { startOrderWorker } from './orders/order-worker.ts'
import { cancelOrder } from './orders/orders.queries.ts'
import { orderIntake } from './orders/place-order.ts'
import { processOrder } from './orders/process-order.ts'
import { memoryCache } from './patterns/cache/memory-cache.ts'
import { redisCache } from './patterns/cache/redis-cache.ts'
import { healthRoutes } from './patterns/health/health.routes.ts'
import { databaseCheck, healthMonitor } from './patterns/health/health-monitor.ts'
import { openQueue, type QueueStore } from './patterns/queue/queue.ts'
import { openQueueChanges } from './patterns/queue/queue-changes.ts'
import { trimCompleted } from './patterns/queue/retention.ts'
import { type Limiter, parseQuota, type Quota } from './patterns/rate-limit/limiter.ts'
import { memoryLimiter } from './patterns/rate-limit/memory-limiter.ts'
import { redisLimiter } from './patterns/rate-limit/redis-limiter.ts'
import { PRODUCTS_KEY, productList } from './products/product-list.ts'
import { connectRedis, firstConnection } from './redis/redis.ts'
import { version } from './version.ts'
import { within } from './within.ts'

/**
 * The parts in which the shop's promises are kept. They are arguments so that the auditor and the lab can pass a naive
 * variant in and watch what goes wrong; the shop itself has no switch for it.
 */
export const promisingParts = { productList, orderIntake, processOrder, cancelOrder, limiter }
export type PromisingParts = typeof promisingParts

/** How long the role `migrate` waits for PostgreSQL to be there. */
const MIGRATION_PATIENCE_MS = 60_000

export interface Shop {
  /** Where the parts listen, by their names. */
  urls: Record<string, string>
  /** Turns not ready, finishes what is under way, and closes everything in reverse order. */
  close(): Promise<void>
}

/**
 * Starts the parts that a role needs, each on what the configuration says it runs on.
 * @param stop ends a start that waits for its database
 * @throws what kept a part from starting, or the reason of `stop`, after closing those that had
 */
export async function startShop(
  config: Config,
  role: Role,
  log: Logger,
  parts = promisingParts,
  { stop = new AbortController().signal, tracing }: { stop?: AbortSignal; tracing?: Tracing | undefined } = {},
): Promise<Shop> {
  const closers: (() => unknown)[] = []
  let announceEnd = async () => {}
  const closing = new AbortController()
  const urls: Record<string, string> = {}
  const opened = <T extends { close(): unknown }>(part: T): T => {
    closers.push(() => part.close())
    return part
  }
  const traced = <T>(part: T, trace: (part: T, tracing: Tracing) => T): T => (tracing ? trace(part, tracing) : part)
  let closedSince = Number.NaN
  /** Milliseconds until a share of `DRAIN_TIMEOUT` is over, once the shop closes. */
  const left = (share: number) => Math.max(0, closedSince + share * config.DRAIN_TIMEOUT - performance.now())
  const close = async () => {
    closing.abort()
    await announceEnd()
    closedSince = performance.now()
    for (const closer of closers.splice(0).reverse()) {
      // A part whose store is away may wait for it for ever (bullmq #995): the time is that of all parts together, and who
      // comes when it is over gets a tenth of it, and is left behind.
      await within(Math.max(left(1), config.DRAIN_TIMEOUT / 10), Promise.resolve(closer())).catch((err) =>
        log.warn({ err }, 'a part did not close cleanly'),
      )
    }
  }

  try {
    await start()
  } catch (error) {
    await close()
    throw error
  }
  return { urls, close }

  async function start(): Promise<void> {
    // The dashboard shows the queue alone: with that in Redis it needs no database, and must not start one.
    const needsDatabase = role !== 'dashboard' || !config.REDIS_URL
    const databaseUrl = config.DATABASE_URL ?? (needsDatabase ? await embedded() : '')
    const registry = createRegistry({ version, role })
    const db = connectDatabase(databaseUrl, {
      max: config.DATABASE_POOL,
      timeout: config.REQUEST_TIMEOUT,
      log,
      watch: (pool) => observePool(pool, registry),
      wrap: (dialect) => traced(dialect, traceDialect),
      onQuery: countQueries(registry),
    })
    closers.push(() => db.destroy())
    if (role === 'all' || role === 'migrate') {
      const migration = () => migrateAll(databaseUrl, !config.REDIS_URL, log)
      // A cluster starts the migration together with PostgreSQL; a person at a terminal wants to be told at once.
      const applied = await (role === 'migrate'
        ? retryWhileAway(MIGRATION_PATIENCE_MS, migration, log, stop)
        : migration())
      if (applied.length > 0) log.info({ applied }, 'schema brought up to date')
    }
    if (role === 'migrate') return
    const open = whatIsOpen(config, role)
    if (open) log.warn(open)

    const queueStore: QueueStore = {
      redisUrl: config.REDIS_URL,
      databaseUrl,
      timeout: config.REQUEST_TIMEOUT * 0.6,
      log,
    }
    if (role === 'dashboard') return dashboard(queueStore)

    const redis = config.REDIS_URL
      ? connectRedis(config.REDIS_URL, { name: 'cache and limits', timeout: 100, log })
      : undefined
    closers.push(() => redis?.disconnect())
    const cache = opened(redis ? redisCache(redis, [PRODUCTS_KEY], log) : memoryCache())
    const list = traced(countReads(parts.productList({ db, cache, ttl: config.CACHE_TTL }), registry), traceCache)
    const retries = { attempts: config.JOB_ATTEMPTS, backoff: config.JOB_BACKOFF }
    const producer = traced(opened(openQueue<OrderJob, Outcome>(queueStore, retries)), tracePublishing)
    // A connection of its own: a pool that is busy to the last is no database that is away.
    const probe = connectDatabase(databaseUrl, { max: 1, timeout: 1000, log })
    closers.push(() => probe.destroy())
    const monitor = healthMonitor({
      required: { database: databaseCheck(probe) },
      optional: redis
        ? { cache: () => redis.ping(), queue: () => acceptsWrites(producer.redis) }
        : { queue: () => producer.queue.getWaitingCount() },
    })

    observeQueue(producer.queue, config.QUEUE_MAX_PENDING, registry)
    observeHealth(monitor, registry)
    if (config.METRICS_PORT !== undefined) {
      const app = operatorsServer()
      await app.register(metricsRoutes, { registry })
      await listen('metrics', app as unknown as FastifyInstance, config.HOST, config.METRICS_PORT)
    }

    if (!config.REDIS_URL && role !== 'all') {
      log.warn('without REDIS_URL each process has a cache and limits of its own: run one, with the role all')
    }
    if (role !== 'api') {
      opened(
        startOrderWorker({
          store: queueStore,
          db,
          list,
          processOrder: parts.processOrder,
          group: tracing === undefined, // traced, each order has the statements of its own transaction in its trace
          observer: observeJobs(registry),
          wrap: (process) => traced(process, traceProcessing),
          concurrency: config.WORKER_CONCURRENCY,
          drain: () => left(0.8),
          log,
        }),
      )
      if (!config.REDIS_URL) opened(trimCompleted(producer.queue, log))
    }
    if (role === 'worker') {
      const app = operatorsServer()
      await app.register(healthRoutes, { monitor, version, instanceName: config.INSTANCE_NAME })
      if (config.METRICS_PORT === undefined) await app.register(metricsRoutes, { registry })
      await listen('health', app as unknown as FastifyInstance, config.HOST, config.PORT)
    } else {
      const lab = role === 'all' && (config.LAB ?? (config.DATABASE_URL ? 'off' : 'on')) === 'on'
      const quota = parseQuota(config.RATE_LIMIT)
      const limiter = quota && parts.limiter(quota, { redis, log })
      const statuses = jobStatuses({
        db,
        queue: producer.queue,
        changes: opened(openQueueChanges(queueStore)),
        timeout: config.REQUEST_TIMEOUT * 0.6,
        maxStreams: config.MAX_STREAMS,
      })
      const app = await buildApp({
        config,
        version,
        log,
        db,
        cache,
        list,
        limiter: limiter && countDecisions(limiter, registry),
        cancelOrder: parts.cancelOrder,
        placeOrder: parts.orderIntake({
          producer,
          keys: producer.redis ? redisKeys(producer.redis, producer.queue) : databaseKeys(db),
          statuses,
          maxPending: config.QUEUE_MAX_PENDING,
          timeout: config.REQUEST_TIMEOUT * 0.8,
        }),
        statuses,
        monitor,
        registry,
        lab,
        closing: closing.signal,
        tracing,
      })
      const connections = [redis, producer.redis].filter((connection) => connection !== undefined)
      await Promise.all(connections.map((connection) => firstConnection(connection, 2000)))
      if (role === 'all') await within(2000, producer.queue.waitUntilReady()).catch(() => {}) // health tells
      await listen('api', app as unknown as FastifyInstance, config.HOST, config.PORT)
      urls.docs = `${urls.api}/docs`
      if (lab) urls.lab = `${urls.api}/lab`
    }
    if (role === 'all') await dashboard(queueStore, producer)
    announceEnd = async () => {
      monitor.drain()
      await sleep(config.SHUTDOWN_DELAY)
    }
  }

  /** A server beside the API, for health or metrics. */
  function operatorsServer(): App {
    const app = createServer(config, log, closing.signal)
    if (config.ADMIN_TOKEN) requireAdminToken(app as unknown as FastifyInstance, config.ADMIN_TOKEN)
    return app
  }

  async function embedded(): Promise<string> {
    if (role !== 'all' && role !== 'migrate') {
      throw new ConfigError(
        `The role ${role} needs DATABASE_URL: the embedded database serves one process, the role all`,
      )
    }
    const postgres = await startEmbeddedPostgres(config.DATA_DIR, log, { signal: stop })
    closers.push(() => postgres.stop())
    return postgres.url
  }

  async function dashboard(store: QueueStore, producer = opened(openQueue<OrderJob, Outcome>(store))): Promise<void> {
    const { DASHBOARD_HOST: host, DASHBOARD_PORT: port, DASHBOARD_PASSWORD: password, ADMIN_TOKEN: adminToken } = config
    // Loaded where it is wanted: the roles without it start sooner, and are smaller.
    const { buildDashboard } = await import('./patterns/queue/queue-dashboard.ts')
    await listen('dashboard', await buildDashboard(producer.queue, { host, password, adminToken }), host, port)
  }

  async function listen(name: string, app: FastifyInstance, host: string, port: number): Promise<void> {
    closers.push(() => {
      // A request that never arrives in full holds the server: Node stops timing it out once it closes.
      const cut = setTimeout(() => app.server.closeAllConnections(), config.DRAIN_TIMEOUT / 2)
      return app.close().finally(() => clearTimeout(cut))
    })
    await app.listen({ host, port })
    const { port: bound } = app.server.address() as AddressInfo
    urls[name] = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`
  }
}

/** The limiter that replicas share, or without Redis this process' own. */
function limiter(quota: Quota, { redis, log }: { redis: Redis | undefined; log: Logger }): Limiter {
  return redis ? redisLimiter(redis, quota, log) : memoryLimiter(quota)
}

/** A Redis that is full still answers PING; what the queue needs is that it takes a write. */
async function acceptsWrites(redis: Redis | undefined): Promise<unknown> {
  return redis?.set('health:write', '1', 'PX', 1000)
}
