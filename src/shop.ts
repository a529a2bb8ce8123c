import type { Extension } from './app.ts'
import type { Config, Role } from './config.ts'
import { openAccess } from './http/open-access.ts'
import type { Logger } from './log.ts'
import type { Tracing } from './observability/tracing/tracing.ts'
import { type ReplaceableParts, replaceableParts } from './replaceable-parts.ts'
import { startApi } from './roles/api.ts'
import type { Context } from './roles/context.ts'
import { openDashboardQueue, startDashboard } from './roles/dashboard.ts'
import { migrateDatabase } from './roles/migrate.ts'
import { serveHealth, serveMetrics } from './roles/operators.ts'
import { describeStores, findDatabase, openStores } from './roles/stores.ts'
import { startWorker } from './roles/worker.ts'
import { createShutdown } from './shutdown.ts'

export interface Shop {
  /** Where its servers listen, by their names. */
  urls: Record<string, string>
  /** What it runs on, for the log. */
  stores: Record<string, string>
  /** Turns not ready, finishes what is under way, and closes everything in reverse order. */
  close(): Promise<void>
}

interface Options {
  config: Config
  role: Role
  log: Logger
  /** Naive variants to put in the place of the shop's own parts. */
  parts?: Partial<ReplaceableParts>
  /** What the API serves beside the shop's own routes. */
  extensions?: readonly Extension[]
  tracing?: Tracing | undefined
  /** Ends a start that waits for its database. */
  stop?: AbortSignal
}

/**
 * Starts a role of the shop on what the configuration says it runs on.
 * @throws what kept it from starting, or the reason of `stop`, after closing what had been opened
 */
export async function startShop(options: Options): Promise<Shop> {
  const { config, role, log, extensions = [], tracing, stop = new AbortController().signal } = options
  const shutdown = createShutdown(config.DRAIN_TIMEOUT, log)
  const parts = { ...replaceableParts, ...options.parts }
  const context: Context = { config, role, log, parts, extensions, tracing, stop, shutdown, urls: {} }
  try {
    await startRole(context)
  } catch (error) {
    await shutdown.run()
    throw error
  }
  return { urls: context.urls, stores: describeStores(config, role), close: shutdown.run }
}

async function startRole(context: Context): Promise<void> {
  const { config, role, log } = context
  if (role === 'dashboard') {
    warnOfOpenAccess(context)
    return startDashboard(context, await openDashboardQueue(context))
  }
  const databaseUrl = await findDatabase(context)
  if (role === 'all' || role === 'migrate') await migrateDatabase(context, databaseUrl)
  if (role === 'migrate') return
  warnOfOpenAccess(context)
  if (!config.REDIS_URL && role !== 'all')
    log.warn('without REDIS_URL each process has a cache and limits of its own: run one, with the role all')

  const stores = openStores(context, databaseUrl)
  await serveMetrics(context, stores)
  if (role !== 'api') startWorker(context, stores)
  if (role === 'worker') return serveHealth(context, stores)
  await startApi(context, stores)
  if (role === 'all') await startDashboard(context, stores.producer)
}

function warnOfOpenAccess({ config, role, log }: Context): void {
  const warning = openAccess(config, role)
  if (warning) log.warn(warning)
}
