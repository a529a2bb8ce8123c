import type { Span } from '@opentelemetry/api'
import type { DatabaseConnection, Dialect, Driver } from 'kysely'
import type { Tracing } from './tracing.ts'

/**
 * The same dialect, with a span for each statement and, above these, for each transaction; by the semantic conventions
 * for databases. A statement's text is told with its placeholders, its values are not. What runs outside of any span, such
 * as health checks, is not traced.
 */
export function traceDialect(dialect: Dialect, tracing: Tracing): Dialect {
  return {
    createDriver: () => traceDriver(dialect.createDriver(), tracing),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  }
}

function traceDriver(driver: Driver, tracing: Tracing): Driver {
  const { api, tracer } = tracing
  const transactions = new WeakMap<DatabaseConnection, Span>()
  const traced = new WeakSet<DatabaseConnection>()
  const { acquireConnection, beginTransaction, commitTransaction, rollbackTransaction } = driver
  const untraced = () => api.trace.getActiveSpan() === undefined
  const system = { 'db.system.name': 'postgresql' }

  driver.acquireConnection = async (options) => {
    const connection = await acquireConnection.call(driver, options)
    if (!traced.has(connection)) traceStatements(connection)
    traced.add(connection)
    return connection
  }
  driver.beginTransaction = async (connection, settings) => {
    if (untraced()) return beginTransaction.call(driver, connection, settings)
    const span = tracer.startSpan('transaction', { attributes: system })
    transactions.set(connection, span)
    await beginTransaction.call(driver, connection, settings).catch((error) => ended(connection, error))
  }
  driver.commitTransaction = (connection) =>
    commitTransaction.call(driver, connection).then(
      () => ended(connection),
      (error) => ended(connection, error),
    )
  driver.rollbackTransaction = (connection) => {
    transactions.get(connection)?.setAttribute('shop.transaction.rolled_back', true)
    return rollbackTransaction.call(driver, connection).then(
      () => ended(connection),
      (error) => ended(connection, error),
    )
  }
  return driver

  /** @throws the error it is given */
  function ended(connection: DatabaseConnection, error?: unknown): void {
    const span = transactions.get(connection)
    transactions.delete(connection)
    if (span && error) tracing.fail(span, error)
    span?.end()
    if (error) throw error
  }

  function traceStatements(connection: DatabaseConnection): void {
    const { executeQuery } = connection
    connection.executeQuery = <R>(query: Parameters<typeof executeQuery>[0], options?: object) => {
      const run = () => executeQuery.call(connection, query, options) as ReturnType<typeof executeQuery<R>>
      if (untraced()) return run()
      const summary = summarize(query.sql)
      const active = api.context.active()
      const transaction = transactions.get(connection)
      return tracing.span(
        summary,
        {
          kind: api.SpanKind.CLIENT,
          attributes: { ...system, 'db.query.summary': summary, 'db.query.text': query.sql },
        },
        run,
        transaction ? api.trace.setSpan(active, transaction) : active,
      )
    }
  }
}

/** What a statement does to which tables, as `db.query.summary` wants it: `SELECT products`, `INSERT orders UPDATE …`. */
export function summarize(sql: string): string {
  const writes = [...sql.matchAll(/\b(insert into|delete from|update)\s+"?(\w+)"?\s+(?:set|where|from|as|\(|values)/gi)]
  const parts = writes.map(([, verb = '', table]) => `${verb.split(' ')[0]?.toUpperCase()} ${table}`)
  if (parts.length > 0) return parts.join(' ').slice(0, 255)
  const verb = /^\W*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? 'SQL'
  const table = /\bfrom\s+"?(\w+)"?/i.exec(sql)?.[1]
  return table ? `${verb} ${table}` : verb
}
