import { type Dialect, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Logger } from '../log.ts'
import { openPool } from './pool.ts'
import type { Database } from './schema.ts'

export type Db = Kysely<Database>

const { builtins } = pg.types

/**
 * PostgreSQL's `2026-01-05 10:00:00.02+00` as RFC 3339 with milliseconds. Answers need no more of a time. A `Date` of each,
 * written as text again, was a third of the cost of reading the catalogue.
 */
function toTimestamp(text: string): string {
  if (!text.endsWith('+00')) return pg.types.getTypeParser(builtins.TIMESTAMPTZ)(text).toISOString()
  const time = text.slice(11, -3)
  return `${text.slice(0, 10)}T${time.length === 8 ? `${time}.000` : time.slice(0, 12).padEnd(12, '0')}Z`
}

const types = new pg.TypeOverrides()
types.setTypeParser(builtins.TIMESTAMPTZ, toTimestamp)
// `numeric(12,2)` and counts fit a JavaScript number exactly; the driver's default is text.
types.setTypeParser(builtins.NUMERIC, Number)
types.setTypeParser(builtins.INT8, Number)

/**
 * A pool of connections to PostgreSQL. It connects on first use, so a shop can start before its database.
 * @param options.timeout milliseconds a statement may take, on the client (a frozen server) and on the server (a slow
 * query)
 * @param options.connect milliseconds to wait for a connection: one of the pool's, or a new one
 * @param options.watch receives the pool, to measure its use
 * @param options.wrap puts something around what speaks to the database
 * @param options.onQuery is called after each statement
 */
export function connectDatabase(
  url: string,
  options: {
    max: number
    timeout: number
    connect?: number
    log: Logger
    watch?: (pool: pg.Pool) => void
    wrap?: (dialect: Dialect) => Dialect
    onQuery?: () => void
  },
): Db {
  const pool = openPool({
    connectionString: url,
    max: options.max,
    types,
    application_name: 'shop',
    connectionTimeoutMillis: options.connect ?? Math.min(2000, options.timeout / 2),
    query_timeout: options.timeout * 0.9,
    statement_timeout: options.timeout * 0.9,
    idle_in_transaction_session_timeout: options.timeout * 2,
  })
  // An idle connection that breaks fails no request, and the pool has dropped it already.
  pool.on('error', (err) => options.log.warn({ err }, 'an idle database connection was lost'))
  options.watch?.(pool)
  const { wrap = (dialect) => dialect, onQuery } = options
  const dialect = wrap(new PostgresDialect({ pool }))
  return new Kysely<Database>({ dialect, ...(onQuery && { log: onQuery }) })
}
