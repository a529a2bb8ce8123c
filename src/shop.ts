import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { runMigrations } from 'bullmq'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import { buildApp, createServer } from './app.ts'
import { memoryCache } from './cache/memory-cache.ts'
import { redisCache } from './cache/redis-cache.ts'
import { type Config, ConfigError } from './config.ts'
import { connectDatabase, type Db } from './db/database.ts'
import { startEmbeddedPostgres } from './db/embedded-postgres.ts'
import { migrate } from './db/migrate.ts'
import { healthRoutes } from './health/health.routes.ts'
import { databaseCheck, healthMonitor } from './health/health.ts'
import type { Logger } from './log.ts'
import { databaseKeys, redisKeys } from './orders/idempotency.ts'
import { jobStatuses } from './orders/job-status.ts'
import type { OrderJob, Outcome } from './orders/order-job.ts'
import { startOrderWorker } from './orders/order-worker.ts'
import { orderIntake } from './orders/place-order.ts'
import { PRODUCTS_KEY, productList } from './products/product-list.ts'
import { openQueue, openQueueEvents, type QueueStore } from './queue/connection.ts'
import { buildDashboard } from './queue/dashboard.ts'
import { parseQuota } from './rate-limit/limiter.ts'
import { memoryLimiter } from './rate-limit/memory-limiter.ts'
import { redisLimiter } from './rate-limit/redis-limiter.ts'
import { connectRedis } from './redis.ts'

export const roles = ['all', 'api', 'worker', 'dashboard', 'migrate'] as const
export type Role = (typeof roles)[number]

export interface Shop {
  /** Where the parts listen, by their names. */
  urls: Record<string, string>
  /** Turns not ready, finishes what is under way, and closes everything in reverse order. */
  close(): Promise<void>
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/**
 * Starts the parts that a role needs, each on what the configuration says it runs on.
 * @throws what kept a part from starting, after closing those that had
 */
export async function startShop(config: Config, role: Role, log: Logger): Promise<Shop> {
  const closers: (() => unknown)[] = []
  const closing = new AbortController()
  const urls: Record<string, string> = {}
  const opened = <T extends { close(): unknown }>(part: T): T => {
    closers.push(() => part.close())
    return part
  }
  const close = async () => {
    closing.abort()
    for (const closer of closers.splice(0).reverse()) {
      await Promise.resolve(closer()).catch((err) => log.warn({ err }, 'a part did not close cleanly'))
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
    const databaseUrl = config.DATABASE_URL ?? (await embeddedFor(role))
    const queueStore: QueueStore = {
      redisUrl: config.REDIS_URL,
      databaseUrl,
      timeout: config.REQUEST_TIMEOUT * 0.6,
      log,
    }
    if (role === 'dashboard') return dashboard(queueStore)

    const db = connectDatabase(databaseUrl, { max: config.DATABASE_POOL, timeout: config.REQUEST_TIMEOUT, log })
    closers.push(() => db.destroy())
    if (role === 'all' || role === 'migrate') await migrateAll(db, databaseUrl)
    if (role === 'migrate') return

    const redis = config.REDIS_URL
      ? connectRedis(config.REDIS_URL, { name: 'cache and limits', timeout: 100, log })
      : undefined
    closers.push(() => redis?.disconnect())
    const cache = opened(redis ? redisCache(redis, [PRODUCTS_KEY], log) : memoryCache())
    const list = productList({ db, cache, ttl: config.CACHE_TTL })
    const producer = opened(
      openQueue<OrderJob, Outcome>(queueStore, { attempts: config.JOB_ATTEMPTS, backoff: config.JOB_BACKOFF }),
    )
    const monitor = healthMonitor({
      required: { database: databaseCheck(db) },
      optional: redis
        ? { cache: () => redis.ping(), queue: () => producer.redis?.ping() ?? Promise.resolve() }
        : { queue: () => producer.queue.getWaitingCount() },
    })

    if (role !== 'api') {
      opened(startOrderWorker({ store: queueStore, db, list, concurrency: config.WORKER_CONCURRENCY, log }))
    }
    if (role === 'worker') {
      const app = createServer(config, log)
      await app.register(healthRoutes, { monitor, version, instanceName: config.INSTANCE_NAME })
      await listen('health', app as unknown as FastifyInstance, config.HOST, config.PORT)
    } else {
      const limit = parseQuota(config.RATE_LIMIT)
      const app = await buildApp({
        config,
        version,
        log,
        db,
        cache,
        list,
        limiter: limit && (redis ? redisLimiter(redis, limit, log) : memoryLimiter(limit)),
        placeOrder: orderIntake({
          producer,
          keys: producer.redis ? redisKeys(producer.redis) : databaseKeys(db),
          maxPending: config.QUEUE_MAX_PENDING,
          timeout: config.REQUEST_TIMEOUT * 0.6,
        }),
        statuses: jobStatuses({
          db,
          queue: producer.queue,
          events: opened(openQueueEvents(queueStore)).events,
          timeout: config.REQUEST_TIMEOUT * 0.6,
          maxStreams: config.MAX_STREAMS,
        }),
        monitor,
        closing: closing.signal,
      })
      await listen('api', app as unknown as FastifyInstance, config.HOST, config.PORT)
      urls.docs = `${urls.api}/docs`
    }
    if (role === 'all') await dashboard(queueStore, producer.queue)
    closers.push(async () => {
      monitor.drain()
      await new Promise((resolve) => setTimeout(resolve, config.SHUTDOWN_DELAY))
    })
  }

  /** The embedded database belongs to one process, which has to be the whole shop. */
  async function embeddedFor(role: Role): Promise<string> {
    if (role === 'dashboard' && config.REDIS_URL) return '' // it asks the queue alone
    if (role !== 'all' && role !== 'migrate')
      throw new ConfigError(
        `DATABASE_URL is not set: the role ${role} needs it, since the embedded database serves one process only (the role all)`,
      )
    const postgres = await startEmbeddedPostgres(config.DATA_DIR, log)
    closers.push(() => postgres.stop())
    return postgres.url
  }

  async function dashboard(
    store: QueueStore,
    queue = opened(openQueue<OrderJob, Outcome>(store)).queue,
  ): Promise<void> {
    const { DASHBOARD_HOST: host, DASHBOARD_PORT: port, DASHBOARD_PASSWORD: password } = config
    await listen('dashboard', await buildDashboard(queue, { host, password }), host, port)
  }

  async function listen(name: string, app: FastifyInstance, host: string, port: number): Promise<void> {
    opened(app)
    await app.listen({ host, port })
    const { port: bound } = app.server.address() as AddressInfo
    urls[name] = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`
  }

  /** Our schema, and the queue's where it lives in the database. */
  async function migrateAll(db: Db, databaseUrl: string): Promise<void> {
    const applied = await migrate(db)
    if (applied.length > 0) log.info({ applied }, 'schema brought up to date')
    if (config.REDIS_URL) return
    const client = new pg.Client({ connectionString: databaseUrl })
    await client.connect()
    try {
      await runMigrations(client)
    } finally {
      await client.end()
    }
  }
}
