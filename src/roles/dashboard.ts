import { listen } from '../http/listen.ts'
import { openQueue } from '../patterns/queue/queue.ts'
import type { Context } from './context.ts'
import { findDatabase, type Producer, queueStore } from './stores.ts'

/** The queue of a process that has no other role. With the queue in Redis it needs no database, and starts none. */
export async function openDashboardQueue(context: Context): Promise<Producer> {
  const databaseUrl = context.config.REDIS_URL ? '' : await findDatabase(context)
  return context.shutdown.opened(openQueue(queueStore(context, databaseUrl)))
}

/** Serves the dashboard of the queue. */
export async function startDashboard({ config, shutdown, urls }: Context, { queue }: Producer): Promise<void> {
  const { DASHBOARD_HOST: host, DASHBOARD_PORT: port, DASHBOARD_PASSWORD: password, ADMIN_TOKEN: adminToken } = config
  // Loaded where it is wanted: the roles without it start sooner and are smaller.
  const { buildDashboard } = await import('../patterns/queue/queue-dashboard.ts')
  const app = await buildDashboard(queue, { host, password, adminToken })
  urls.dashboard = await listen(app, { host, port, shutdown })
}
