import pg from 'pg'

/** What the driver says when a query had no answer after `query_timeout` milliseconds. */
const NO_ANSWER = 'Query read timeout'

/** When a connection without traffic is first asked whether it still exists; left to the system it is two hours. */
const KEEP_ALIVE_MS = 10_000

/**
 * The driver's connection, but safe in two cases:
 *
 * - **It breaks.** It then emits `error`, also when a query under way is rejected. Without a listener that ends the process,
 *   and the pool listens only while a connection is idle. The listener here does nothing: the next query is rejected.
 * - **A query has no answer in time.** The driver rejects the query and keeps the connection, on which the answer is still
 *   to come. The pool would hand it out again, and the next query would wait behind the lost one. Here it is closed.
 */
class Client extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config)
    this.on('error', () => {})
  }

  override query(...args: unknown[]): never {
    const answer: unknown = Reflect.apply(super.query, this, args)
    if (answer instanceof Promise)
      answer.catch((error: Error) => {
        if (error.message === NO_ANSWER) void this.end()
      })
    return answer as never // which of the driver's eight overloads it is makes no difference here
  }
}

/** A pool of connections to PostgreSQL that outlives the connections it loses. It connects on first use. */
export function openPool(config: pg.PoolConfig): pg.Pool {
  return new pg.Pool({ ...config, Client, keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS })
}
