import { type Logger, type LoggerOptions, pino } from 'pino'

export type { Logger }

/**
 * Pretty on a terminal, one JSON object a line elsewhere. Lines hold no personal data: requests are logged by method, route
 * and id, without address, query or headers, and database errors without the values that PostgreSQL quotes in `detail`.
 * @param fields what each line says besides
 */
export function createLogger(level: string, fields?: () => object): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers,
    ...(fields && { mixin: fields }),
  }
  // Lines that come while others are being written go together. An exit writes the rest, though perhaps out of order.
  if (!process.stdout.isTTY || !isInstalled('pino-pretty')) return pino(options, pino.destination({ sync: false }))
  return pino({
    ...options,
    transport: { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss', ignore: 'pid,hostname' } },
  })
}

/** Development dependencies are missing where only the others are installed, as in the image. */
function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name)
    return true
  } catch {
    return false
  }
}

interface ErrorFields {
  type: string
  message: string
  code?: string
  stack?: string
  cause?: ErrorFields
}

/** An error without the columns' values: `detail`, `where` and the statement's parameters stay out. */
function describe(error: unknown): ErrorFields {
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
