import type { Span } from '@opentelemetry/api'
import type { FastifyRequest } from 'fastify'
import { toProblem } from '../../http/errors.ts'
import type { App } from '../../http/validation.ts'
import { methodLabel } from '../metrics/http.metrics.ts'
import type { Tracing } from './tracing.ts'

/**
 * A server span for each request, below the `traceparent` that came with it, if one did; named and described by the
 * semantic conventions for HTTP. What the rate limit exempts (health, metrics, documents) is not traced: probes would be
 * most of all traces. As in the log there is no path, query, address or header, which may hold personal data.
 *
 * To be added before other hooks, so that they run within the span.
 */
export function traceRequests(app: App, tracing: Tracing): void {
  const { api, tracer } = tracing
  const spans = new WeakMap<FastifyRequest, Span>()
  const failed = new WeakSet<Span>()

  app.addHook('onRequest', (request, _, done) => {
    const { url: route, config } = request.routeOptions
    if (config.unlimited) return done()
    const method = methodLabel(request.method)
    const parent = api.propagation.extract(api.ROOT_CONTEXT, request.headers)
    const span = tracer.startSpan(
      `${method === '_OTHER' ? 'HTTP' : method} ${route ?? ''}`.trim(),
      {
        kind: api.SpanKind.SERVER,
        attributes: {
          'http.request.method': method,
          ...(route && { 'http.route': route }),
          'url.scheme': request.protocol,
          'network.protocol.version': request.raw.httpVersion,
          'shop.request_id': request.id,
        },
      },
      parent,
    )
    spans.set(request, span)
    api.context.with(api.trace.setSpan(parent, span), done)
  })
  app.addHook('onError', (request, _, error, done) => {
    const span = spans.get(request)
    if (span && toProblem(error).status >= 500) {
      tracing.fail(span, error)
      failed.add(span)
    }
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { statusCode } = reply
    const span = spans.get(request)?.setAttribute('http.response.status_code', statusCode)
    // A request that is timed out is answered without an error.
    if (span && statusCode >= 500 && !failed.has(span))
      span.setAttribute('error.type', String(statusCode)).setStatus({ code: api.SpanStatusCode.ERROR })
    span?.end()
    done()
  })
}
