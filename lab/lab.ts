import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../src/config.ts'
import type { App } from '../src/http/validation.ts'
import type { Logger } from '../src/log.ts'
import type { Registry } from '../src/observability/metrics/registry.ts'
import type { Cache } from '../src/patterns/cache/cache.ts'
import type { HealthMonitor } from '../src/patterns/health/health-monitor.ts'
import { labRoutes } from './lab.routes.ts'
import { liveFeed } from './live/feed.ts'
import { labRuns } from './runs/lab-runs.ts'

interface Parts {
  config: Config
  log: Logger
  cache: Cache
  monitor: HealthMonitor
  registry: Registry
  closing: AbortSignal
}

/** Adds the lab to a shop: what its page shows live is this shop, and what it runs has a sandbox of its own. */
export async function openLab(app: App, { config, closing, ...parts }: Parts): Promise<void> {
  const shop = { instance: config.INSTANCE_NAME ?? hostname(), redis: config.REDIS_URL !== undefined }
  const runs = labRuns({ folder: join(config.DATA_DIR, 'lab'), log: parts.log })
  app.addHook('onClose', () => runs.close())
  await app.register(labRoutes, { feed: liveFeed({ ...parts, shop }), runs, closing })
}
