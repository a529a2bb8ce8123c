import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Extension } from '../src/app.ts'
import { labRoutes } from './lab.routes.ts'
import { liveFeed } from './live/feed.ts'
import { labRuns } from './runs/lab-runs.ts'

/** The lab as an extension of a shop. Its page shows this shop live; what it runs has a sandbox of its own. */
export const lab: Extension = {
  name: 'lab',
  path: '/lab',
  description: 'Experiments, for the user of this machine',
  async register(app, { config, closing, log, cache, monitor, registry }) {
    const shop = { instance: config.INSTANCE_NAME ?? hostname(), redis: config.REDIS_URL !== undefined }
    const runs = labRuns({ folder: join(config.DATA_DIR, 'lab'), log })
    app.addHook('onClose', () => runs.close())
    await app.register(labRoutes, { feed: liveFeed({ log, cache, monitor, registry, shop }), runs, closing })
  },
}
