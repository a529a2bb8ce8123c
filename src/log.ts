import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'

export type { Logger }

/**
 * Pretty on a terminal, a JSON object a line elsewhere. Lines hold no personal data: requests are logged by method,
 * route and id, without address, query or headers, and database errors without the values PostgreSQL quotes in `detail`.
 * @param fields what each line says besides
 */
export function createLogger(level: string, fields?: () => object): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: timeOfLine(),
    serializers,
    ...(fields && { mixin: fields }),
  }
  if (!process.stdout.isTTY || !isInstalled('pino-pretty')) return pino(options, linesOfATurn())
  return pino({
    ...options,
    transport: { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss', ignore: 'pid,hostname' } },
  })
}

/**
 * Standard output, to which the lines of one turn of the event loop go with one system call at its end: under load a call
 * for each line was a tenth of what a cached answer costs. What ends the process by itself (`process.exit`, an uncaught
 * error) is logged as before; a process that is killed may lose the lines of its last turn.
 */
function linesOfATurn(): DestinationStream & { flush(done: () => void): void; flushSync(): void } {
  const output = pino.destination({ fd: 1, sync: true })
  let lines = ''
  const flushSync = () => {
    if (lines) output.write(lines)
    lines = ''
  }
  process.on('exit', flushSync)
  return {
    write(line) {
      if (!lines) setImmediate(flushSync)
      lines += line
    },
    flushSync,
    flush(done) {
      flushSync()
      done()
    },
  }
}

/** The time as pino's `isoTime` writes it, but written once for all lines of a millisecond. */
function timeOfLine(): () => string {
  let at = 0
  let text = ''
  return () => {
    const now = Date.now()
    if (now !== at) text = `,"time":"${new Date(now).toISOString()}"`
    at = now
    return text
  }
}

/** The image, for one, is without what only a developer needs. */
function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name)
    return true
  } catch {
    return false
  }
}

interface Described {
  type: string
  message: string
  code?: string
  stack?: string
  cause?: Described
}

/** An error without the columns' values: `detail`, `where` and the statement's parameters stay out. */
function describe(error: unknown): Described {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  const { code } = error as { code?: unknown }
  return {
    type: error.name,
    message: error.message || (error instanceof AggregateError ? error.errors.map(String).join('; ') : ''),
    ...(typeof code === 'string' && { code }),
    ...(error.stack && { stack: error.stack }),
    ...(error.cause !== undefined && { cause: describe(error.cause) }),
  }
}

const serializers = {
  err: describe,
  req: (request: { method: string; url: string }) => ({ method: request.method, path: request.url.split('?', 1)[0] }),
}
