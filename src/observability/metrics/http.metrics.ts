import { Counter, Histogram } from 'prom-client'
import type { App } from '../../http/validation.ts'
import type { Registry } from './registry.ts'

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** The method, of those with a name of their own: Node reads thirty more, and a client may send any of them. */
export const methodLabel = (method: string) => (methods.has(method) ? method : '_OTHER')

/**
 * Counts and times every answer. Rate and errors are in the same histogram: its `_count`, by status. The route is the
 * pattern, never the path, so the number of series is bounded whatever clients ask for. Answers that wait on purpose
 * (`Prefer: wait`, event streams, both at `/orders/jobs/:job_id`) are timed until they end. What is no valid HTTP or URL is
 * answered before any hook runs, and not counted.
 */
export function measureRequests(app: App, registry: Registry): void {
  const duration = new Histogram({
    name: 'shop_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  })
  app.addHook('onResponse', (request, reply, done) => {
    if (request.getDecorator('isShed')) return done()
    const method = methodLabel(request.method)
    const route = request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched')
    duration.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
    done()
  })
}

/** Counts requests that were refused because of overload, which are in no other figure. */
export function countShed(registry: Registry): () => void {
  const shed = new Counter({
    name: 'shop_requests_shed_total',
    help: 'Requests refused (503 overloaded) because more was asked than could be answered in time; in no other figure.',
    registers: [registry],
  })
  return () => shed.inc()
}
