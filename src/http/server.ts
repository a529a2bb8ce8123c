import { randomUUID } from 'node:crypto'
import { fastify, LogController } from 'fastify'
import type { Config } from '../config.ts'
import type { Logger } from '../log.ts'
import { traceRequests } from '../observability/tracing/http.tracing.ts'
import type { Tracing } from '../observability/tracing/tracing.ts'
import { crossOrigin } from './cors.ts'
import { answerError, handleErrors } from './errors.ts'
import { answerUnreadable, connectionLimits, limitConnections } from './limits.ts'
import { shedLoad } from './load-shedding.ts'
import { timeOutRequests } from './request-timeout.ts'
import './route-config.ts'
import { securityHeaders } from './security-headers.ts'
import { type App, validate } from './validation.ts'

interface Options {
  tracing?: Tracing | undefined
  /** Is called for each request that is refused because of overload; none: load is not shed. */
  onShed?: () => void
}

/**
 * A server with the shop's conventions and no routes: ids, headers, limits, errors, log lines. Does not listen yet.
 * @param closing aborts at shutdown, before the server closes
 */
export async function createServer(
  config: Config,
  log: Logger,
  closing: AbortSignal,
  options: Options = {},
): Promise<App> {
  const { tracing, onShed } = options
  const app: App = fastify({
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
    // A request that came in before the end is answered as usual; the default is a 503 of another form.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => void answerError(request, reply, error),
  })
  limitConnections(app)
  validate(app)
  identifyAnswers(app, closing)
  securityHeaders(app)
  if (config.CORS_ORIGINS) await crossOrigin(app, config.CORS_ORIGINS)
  app.decorateRequest('isShed', false)
  if (onShed) shedLoad(app, { log, onShed })
  if (tracing) traceRequests(app, tracing)
  timeOutRequests(app, config.REQUEST_TIMEOUT)
  handleErrors(app)
  logRequests(app)
  return app
}

function identifyAnswers(app: App, closing: AbortSignal): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    // A connection kept alive through a shutdown would hold it up, and the next request on it would be lost.
    if (closing.aborted) reply.header('connection', 'close')
    done()
  })
}

function logRequests(app: App): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request
    const level = routeOptions.config.unlimited || request.getDecorator('isShed') ? 'debug' : 'info'
    request.log[level](
      { method, route: routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime * 10) / 10 },
      'request',
    )
    done()
  })
}

/** `off`, a number of proxies, or their addresses, as Fastify wants it. */
function parseTrustProxy(text: string): boolean | string[] | ((address: string, hop: number) => boolean) {
  if (text === 'off') return false
  return /^\d+$/.test(text) ? (_, hop) => hop < Number(text) : text.split(',').map((address) => address.trim())
}
