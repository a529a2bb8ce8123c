import { requireAdminToken } from '../http/admin-token.ts'
import { listen } from '../http/listen.ts'
import { createServer } from '../http/server.ts'
import { metricsRoutes } from '../observability/metrics/metrics.routes.ts'
import { healthRoutes } from '../patterns/health/health.routes.ts'
import { version } from '../version.ts'
import type { Context } from './context.ts'
import type { Stores } from './stores.ts'

/** Serves `/metrics` on a port of its own, where `METRICS_PORT` asks for one. */
export async function serveMetrics(context: Context, { registry }: Stores): Promise<void> {
  const { config, shutdown, urls } = context
  if (config.METRICS_PORT === undefined) return
  const app = await operatorsServer(context)
  await app.register(metricsRoutes, { registry })
  urls.metrics = await listen(app, { host: config.HOST, port: config.METRICS_PORT, shutdown })
}

/** Serves the health of a worker, which has no other routes, and its metrics. */
export async function serveHealth(context: Context, { monitor, registry }: Stores): Promise<void> {
  const { config, shutdown, urls } = context
  const app = await operatorsServer(context)
  await app.register(healthRoutes, { monitor, version, instanceName: config.INSTANCE_NAME })
  if (config.METRICS_PORT === undefined) await app.register(metricsRoutes, { registry })
  urls.health = await listen(app, { host: config.HOST, port: config.PORT, shutdown })
}

/** A server beside the API, for operators. */
async function operatorsServer({ config, log, shutdown }: Context) {
  const app = await createServer(config, log, shutdown.signal)
  if (config.ADMIN_TOKEN) requireAdminToken(app, config.ADMIN_TOKEN)
  return app
}
