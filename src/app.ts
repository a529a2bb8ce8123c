import { randomUUID } from 'node:crypto'
import { type FastifyInstance, fastify, LogController, type RouteOptions } from 'fastify'
import type { Config } from './config.ts'
import { customerRoutes } from './customers/customers.routes.ts'
import type { Db } from './db/database.ts'
import { requireAdminToken } from './http/admin-token.ts'
import { crossOrigin } from './http/cors.ts'
import { handleErrors, ProblemError, sendProblem, toProblem } from './http/errors.ts'
import { homeRoutes } from './http/home.routes.ts'
import { answerUnreadable, connectionLimits, limitConnections } from './http/limits.ts'
import { shedLoad } from './http/load-shedding.ts'
import { docs } from './http/openapi.ts'
import { timeOutRequests } from './http/request-timeout.ts'
import { securityHeaders } from './http/security-headers.ts'
import { type App, validate } from './http/validation.ts'
import type { Logger } from './log.ts'
import { countShed, measureRequests } from './observability/metrics/http.metrics.ts'
import { metricsRoutes } from './observability/metrics/metrics.routes.ts'
import type { Registry } from './observability/metrics/registry.ts'
import { traceRequests } from './observability/tracing/http.tracing.ts'
import type { Tracing } from './observability/tracing/tracing.ts'
import type { JobStatuses } from './orders/job-status.ts'
import type { cancelOrder } from './orders/orders.queries.ts'
import { orderRoutes } from './orders/orders.routes.ts'
import type { orderIntake } from './orders/place-order.ts'
import { cacheRoutes } from './patterns/cache/cache.routes.ts'
import type { Cache } from './patterns/cache/cache.ts'
import type { CacheAside } from './patterns/cache/cache-aside.ts'
import { healthRoutes } from './patterns/health/health.routes.ts'
import type { HealthMonitor } from './patterns/health/health-monitor.ts'
import { type Limiter, parseQuota } from './patterns/rate-limit/limiter.ts'
import { rateLimit } from './patterns/rate-limit/rate-limit.ts'
import { productRoutes } from './products/products.routes.ts'

export interface Parts {
  config: Config
  version: string
  log: Logger
  db: Db
  cache: Cache
  list: CacheAside
  limiter: Limiter | undefined
  placeOrder: ReturnType<typeof orderIntake>
  cancelOrder: typeof cancelOrder
  statuses: JobStatuses
  monitor: HealthMonitor
  registry: Registry
  /** Whether to serve the lab, too. */
  lab: boolean
  /** Comes at shutdown, before the server closes. */
  closing: AbortSignal
  tracing: Tracing | undefined
}

/** The HTTP API out of its parts; does not listen yet. */
export async function buildApp(parts: Parts): Promise<App> {
  const { config, version, db, list } = parts
  const app = createServer(config, parts.log, parts.closing, parts.tracing)
  const routes = collectRoutes(app)
  measureRequests(app as unknown as FastifyInstance, parts.registry)
  shedLoad(app.server, { log: parts.log, onShed: countShed(parts.registry) })

  const limit = parseQuota(config.RATE_LIMIT)
  if (limit && parts.limiter) rateLimit(app, parts.limiter, limit)
  if (config.ADMIN_TOKEN) requireAdminToken(app as unknown as FastifyInstance, config.ADMIN_TOKEN)
  await docs(app, { version, guarded: config.ADMIN_TOKEN !== undefined, lab: parts.lab })
  await app.register(homeRoutes, { version, lab: parts.lab })
  await app.register(healthRoutes, { monitor: parts.monitor, version, instanceName: config.INSTANCE_NAME })
  await app.register(cacheRoutes, { cache: parts.cache, store: config.REDIS_URL ? 'redis' : 'memory' })
  await app.register(productRoutes, { db, list })
  await app.register(customerRoutes, { db })
  await app.register(orderRoutes, parts)
  if (config.METRICS_PORT === undefined) await app.register(metricsRoutes, parts)
  // Loaded when it is wanted, so that a shop without it starts no slower.
  if (parts.lab) await (await import('../lab/lab.ts')).openLab(app, parts)
  refuseOtherMethods(app, routes)
  return app
}

/** A server with our conventions and no routes: also the worker's, which has only its health to show. */
export function createServer(config: Config, log: Logger, closing: AbortSignal, tracing?: Tracing): App {
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: ({ headers }) => {
      const given = headers['x-request-id']
      return typeof given === 'string' && /^[\w.-]{1,100}$/.test(given) ? given : randomUUID()
    },
    trustProxy: parseTrustProxy(config.TRUST_PROXY),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 4096 },
    ...connectionLimits,
    clientErrorHandler: answerUnreadable,
    forceCloseConnections: 'idle',
    // What came in before the end is answered as usual; the default is a 503 of another form.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => void sendProblem(request, reply, toProblem(error)),
  })
  if (tracing) traceRequests(app as unknown as FastifyInstance, tracing)
  limitConnections(app as unknown as FastifyInstance)
  securityHeaders(app as unknown as FastifyInstance)
  if (config.CORS_ORIGINS) crossOrigin(app as unknown as FastifyInstance, config.CORS_ORIGINS)
  validate(app as unknown as FastifyInstance)
  timeOutRequests(app as unknown as FastifyInstance, config.REQUEST_TIMEOUT)
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    // A connection kept alive through a shutdown would hold it up, and the next request on it would be lost.
    if (closing.aborted) reply.header('connection', 'close')
    done()
  })
  handleErrors(app as unknown as FastifyInstance)
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request
    const level = routeOptions.config.unlimited ? 'debug' : 'info'
    request.log[level](
      { method, route: routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime * 10) / 10 },
      'request',
    )
    done()
  })
  return app as unknown as App
}

function collectRoutes(app: App): Map<string, Set<string>> {
  const routes = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }: RouteOptions) => {
    const path = url.length > 1 && url.endsWith('/') ? url.slice(0, -1) : url
    const methods = routes.get(path) ?? new Set()
    for (const name of [method].flat()) methods.add(name)
    routes.set(path, methods)
  })
  return routes
}

/**
 * Every method that Node reads; CONNECT never comes to a handler. Not by an import: to link one, Node looks at all that
 * `node:http` exports, which makes it load its HTTP client, too: 16 MB, and 30 ms of each start.
 */
const methods = process.getBuiltinModule('node:http').METHODS.filter((method) => method !== 'CONNECT')

/** A known path with a method it has not: 405 with `Allow`, before the body is looked at. */
function refuseOtherMethods(app: App, routes: Map<string, Set<string>>): void {
  for (const method of methods) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true })
  for (const [url, known] of [...routes]) {
    if (url.includes('*')) continue
    const allow = [...known].join(', ')
    app.route({
      method: methods.filter((method) => !known.has(method)),
      url,
      config: { unlimited: true },
      schema: { hide: true },
      onRequest: async (request) => {
        throw new ProblemError(
          405,
          'method_not_allowed',
          `${request.method} is not for this path; it takes ${allow}.`,
          { headers: { allow } },
        )
      },
      handler: async () => {},
    })
  }
}

/** `off`, a number of proxies, or their addresses, as Fastify wants it. */
function parseTrustProxy(text: string): boolean | string[] | ((address: string, hop: number) => boolean) {
  if (text === 'off') return false
  return /^\d+$/.test(text) ? (_, hop) => hop < Number(text) : text.split(',').map((address) => address.trim())
}
