import type { Config } from './config.ts'
import { customerRoutes } from './customers/customers.routes.ts'
import type { Db } from './db/database.ts'
import { requireAdminToken } from './http/admin-token.ts'
import { homeRoutes } from './http/home.routes.ts'
import { collectRoutes, refuseOtherMethods } from './http/method-not-allowed.ts'
import { docs, type Mount } from './http/openapi.ts'
import { createServer } from './http/server.ts'
import type { App } from './http/validation.ts'
import type { Logger } from './log.ts'
import { countShed, measureRequests } from './observability/metrics/http.metrics.ts'
import { metricsRoutes } from './observability/metrics/metrics.routes.ts'
import type { Registry } from './observability/metrics/registry.ts'
import type { Tracing } from './observability/tracing/tracing.ts'
import type { cancelOrder } from './orders/cancel-order.ts'
import type { JobStatuses } from './orders/job-status.ts'
import { orderRoutes } from './orders/orders.routes.ts'
import type { orderIntake } from './orders/place-order.ts'
import { cacheRoutes } from './patterns/cache/cache.routes.ts'
import type { Cache } from './patterns/cache/cache.ts'
import type { CacheAside } from './patterns/cache/cache-aside.ts'
import { healthRoutes } from './patterns/health/health.routes.ts'
import type { HealthMonitor } from './patterns/health/health-monitor.ts'
import type { Limiter, Quota } from './patterns/rate-limit/limiter.ts'
import { rateLimit } from './patterns/rate-limit/rate-limit.ts'
import { productRoutes } from './products/products.routes.ts'

/** What the API is made of. */
export interface AppParts {
  config: Config
  version: string
  log: Logger
  db: Db
  cache: Cache
  list: CacheAside
  /** None: requests are not limited. */
  limit: { limiter: Limiter; quota: Quota } | undefined
  placeOrder: ReturnType<typeof orderIntake>
  cancelOrder: typeof cancelOrder
  statuses: JobStatuses
  monitor: HealthMonitor
  registry: Registry
  extensions: readonly Extension[]
  /** Aborts at shutdown, before the server closes. */
  closing: AbortSignal
  tracing: Tracing | undefined
}

/** Routes that the API serves beside the shop's own, which knows nothing of them. */
export interface Extension extends Mount {
  register(app: App, parts: AppParts): Promise<void>
}

/** Builds the HTTP API; it does not listen yet. */
export async function buildApp(parts: AppParts): Promise<App> {
  const { config, version, limit, extensions } = parts
  const onShed = countShed(parts.registry)
  const app = await createServer(config, parts.log, parts.closing, { tracing: parts.tracing, onShed })
  const routes = collectRoutes(app)
  measureRequests(app, parts.registry)
  if (limit) rateLimit(app, limit.limiter, limit.quota)
  if (config.ADMIN_TOKEN) requireAdminToken(app, config.ADMIN_TOKEN)
  await docs(app, { version, guarded: config.ADMIN_TOKEN !== undefined, extensions })
  await app.register(homeRoutes, { version, extensions })
  await app.register(healthRoutes, { monitor: parts.monitor, version, instanceName: config.INSTANCE_NAME })
  await app.register(cacheRoutes, { cache: parts.cache, store: config.REDIS_URL ? 'redis' : 'memory' })
  await app.register(productRoutes, parts)
  await app.register(customerRoutes, parts)
  await app.register(orderRoutes, parts)
  if (config.METRICS_PORT === undefined) await app.register(metricsRoutes, parts)
  for (const extension of extensions) await extension.register(app, parts)
  refuseOtherMethods(app, routes)
  return app
}
