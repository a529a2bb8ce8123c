import { ConfigError } from './config.ts'
import { EmbeddedPostgresError } from './db/embedded/embedded-postgres-error.ts'
import { Interrupted } from './process-signals.ts'

/** What kept the shop from starting, in one line that says what to do; the stack of an error that nobody expected. */
export function explainStartError(error: unknown): string {
  if (error instanceof ConfigError || error instanceof EmbeddedPostgresError) return error.message
  if (error instanceof Interrupted) return `${error.message} came before the shop was open`
  const { code, syscall, port, message } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken: stop what listens there, or set PORT, DASHBOARD_PORT or METRICS_PORT to another`
  if (code === 'EACCES' && syscall === 'listen')
    return `Port ${port} is not allowed to this user: set PORT, DASHBOARD_PORT or METRICS_PORT to one above 1023`
  if (code === 'ENOTFOUND' || code?.startsWith('ECONN') || /timeout/.test(message))
    return `The PostgreSQL of DATABASE_URL cannot be reached (${code ?? message}): start it, or correct DATABASE_URL`
  if (code === '28P01' || code === '3D000' || code === '28000')
    return `The PostgreSQL of DATABASE_URL refuses: ${message}. Correct DATABASE_URL`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
