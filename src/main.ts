import type { Extension } from './app.ts'
import { type Config, readConfig, readRole } from './config.ts'
import { createLogger } from './log.ts'
import { startTracing } from './observability/tracing/tracing.ts'
import { aborted, Interrupted, interruption } from './process-signals.ts'
import { startShop } from './shop.ts'
import { explainStartError } from './start-errors.ts'
import { version } from './version.ts'

/**
 * Runs the shop until a signal ends it: starts, says that it is ready, waits for the signal, closes.
 * @param name a role: all, api, worker, dashboard or migrate
 * @param extensionsFor what the API serves beside the shop's own routes
 */
export async function run(name: string, extensionsFor?: (config: Config) => Promise<Extension[]>): Promise<void> {
  process.title = 'shop'
  const stop = interruption()
  try {
    const role = readRole(name)
    const config = readConfig(process.env)
    const tracing = config.OTEL_EXPORTER_OTLP_ENDPOINT ? await startTracing(config, { role, version }) : undefined
    const log = createLogger(config.LOG_LEVEL, tracing?.logFields)
    tracing?.reportTo(log)

    const shop = await startShop({
      config,
      role,
      log,
      tracing,
      stop,
      extensions: (await extensionsFor?.(config)) ?? [],
    })
    if (role !== 'migrate') {
      log.info({ role, ...shop.urls, ...shop.stores }, `the shop is open (${Math.round(process.uptime() * 1000)} ms)`)
      const { message: signal } = await aborted(stop)
      log.info(`${signal}: finishing what is under way`)
      setTimeout(() => process.exit(1), config.SHUTDOWN_DELAY + 2 * config.DRAIN_TIMEOUT).unref()
    }
    await shop.close()
    await tracing?.close()
    log.info('closed')
    log.flush(() => process.exit(0)) // a store that is away may hold the process open
  } catch (error) {
    console.error(explainStartError(error))
    // A migration that was interrupted has not been done: what waits for it must not go on.
    process.exit(error instanceof Interrupted && name !== 'migrate' ? 0 : 1)
  }
}

if (import.meta.main) await run(process.argv[2] ?? 'all')
