import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { ConfigError, type Role, readConfig, roles } from './config.ts'
import { EmbeddedPostgresError } from './db/embedded/embedded-postgres.ts'
import { createLogger } from './log.ts'
import { startTracing } from './observability/tracing/tracing.ts'
import { version } from './version.ts'

/** How long after a Ctrl-C another one is still the same. */
const SECOND_THOUGHT_MS = 1000

/** A signal that came while the shop was starting. */
class Interrupted extends Error {
  override name = 'Interrupted'
}

// node src/main.ts [all|api|worker|dashboard|migrate]
process.title = 'shop'
// What V8 has compiled is kept beside the dependencies, where a user who did not install them can only read it, and makes
// the next start shorter. It serves what is imported from here on; with NODE_COMPILE_CACHE it serves this file, too, and
// the process is without what Node needs to read TypeScript (16 MB).
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/node'))
// V8 puts what a line of code makes among the old objects at once when enough of it lived long, as all does that waits
// under an overload (Clifford et al., Memento Mori, 2015). It seldom takes that back: the shop stayed a fifth slower, with a
// full collection every two seconds. Here nothing that is made for a request lives long.
setFlagsFromString('--no-allocation-site-pretenuring')
// V8 makes room for young objects as a start makes many, and keeps it: 30 MB that the work after it seldom needs. So they
// may grow only once the shop is open.
setFlagsFromString('--semi-space-growth-factor=1')
try {
  await main(process.argv[2] ?? 'all')
} catch (error) {
  console.error(explain(error))
  // Whoever waits for the migration must not take it for done.
  process.exit(error instanceof Interrupted && process.argv[2] !== 'migrate' ? 0 : 1)
}

async function main(role: string): Promise<void> {
  if (!isRole(role)) throw new ConfigError(`there is no role ${role}: expected one of ${roles.join(', ')}`)
  const config = readConfig(process.env)
  const tracing = config.OTEL_EXPORTER_OTLP_ENDPOINT ? await startTracing(config, { role, version }) : undefined
  const log = createLogger(config.LOG_LEVEL, tracing?.logFields)
  tracing?.reportTo(log)
  const signal = Promise.withResolvers<string>()
  const stop = new AbortController()
  let first = Number.POSITIVE_INFINITY
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      // One Ctrl-C comes twice, from the terminal and from npm. A later one is meant: the rest is left to the next start,
      // which loses nothing.
      if (name === 'SIGINT' && performance.now() > first + SECOND_THOUGHT_MS) process.exit(130)
      first = Math.min(first, performance.now())
      signal.resolve(name)
      stop.abort(new Interrupted(`${name} came before the shop was open`))
    })
  }

  const { promisingParts, startShop } = await import('./shop.ts')
  const shop = await startShop(config, role, log, promisingParts, { stop: stop.signal, tracing })
  setFlagsFromString('--semi-space-growth-factor=2') // V8's own
  if (role !== 'migrate') {
    log.info(
      { role, ...shop.urls, ...stores(config, role) },
      `the shop is open (${Math.round(process.uptime() * 1000)} ms)`,
    )
    log.info(`${await signal.promise}: finishing what is under way`)
    setTimeout(() => process.exit(1), config.SHUTDOWN_DELAY + 2 * config.DRAIN_TIMEOUT).unref()
  }
  await shop.close()
  await tracing?.close()
  log.info('closed')
  log.flush(() => process.exit(0)) // whatever still waits for a store that is away
}

function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text)
}

function stores({ DATABASE_URL, REDIS_URL, DATA_DIR }: ReturnType<typeof readConfig>, role: Role) {
  if (role === 'dashboard') return { queue: REDIS_URL ? 'Redis' : 'in the database' }
  return {
    database: DATABASE_URL ? 'PostgreSQL of DATABASE_URL' : `embedded PostgreSQL in ${DATA_DIR}`,
    queue: REDIS_URL ? 'Redis' : 'in the database',
    cache_and_limits: REDIS_URL ? 'Redis' : 'in memory',
  }
}

/** One line that says what to do. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof EmbeddedPostgresError || error instanceof Interrupted)
    return error.message
  const { code, syscall, port, message } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken: stop what listens there, or set PORT, DASHBOARD_PORT or METRICS_PORT to another`
  if (code === 'EACCES' && syscall === 'listen')
    return `Port ${port} is not allowed to this user: set PORT, DASHBOARD_PORT or METRICS_PORT to one above 1023`
  if (code === 'ENOTFOUND' || code?.startsWith('ECONN') || /timeout/.test(message)) {
    return `The PostgreSQL of DATABASE_URL cannot be reached (${code ?? message}): start it, or correct DATABASE_URL`
  }
  if (code === '28P01' || code === '3D000' || code === '28000')
    return `The PostgreSQL of DATABASE_URL refuses: ${message}. Correct DATABASE_URL`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
