import pg from 'pg'

type Callback = (error: Error | null, result?: unknown) => void

/**
 * The driver's connection, in three ways improved.
 *
 * - **A connection that breaks** while it has no query to reject and nobody listens, as between two statements, or in the
 *   moment in which it has connected: Node would end the process. Here the next query on it rejects, and the pool drops it.
 * - **A query without an answer** after `query_timeout` milliseconds is rejected by the driver, too, but it keeps the
 *   connection, on which the answer is still to come: the pool would hand it out again, and the next query would wait
 *   behind the lost one. Here the connection is cut.
 * - **Rows are young garbage.** The driver assigns the function that ends a query to a property, `query.callback = (error,
 *   result) => …`. V8 takes a function written there for a method, which lives long, and puts it among the old objects,
 *   where only a full collection finds out that it is dead; until then it keeps the query and all of its rows from the
 *   collections of young objects. Reading the catalogue took a third more time for it, and collections twenty times as
 *   long. So each query brings a callback of its own.
 */
export class Client extends pg.Client {
  readonly #timeout: number | undefined

  constructor(config: pg.ClientConfig = {}) {
    super({ ...config, query_timeout: undefined })
    this.#timeout = config.query_timeout
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    return (event !== 'error' || this.listenerCount('error') > 0) && super.emit(event, ...args)
  }

  override query(...args: unknown[]): never {
    const query = super.query as (...args: unknown[]) => unknown
    const callback = args.at(-1)
    if (typeof callback === 'function') {
      return query.apply(this, [...args.slice(0, -1), this.#inTime(callback as Callback)]) as never
    }
    return new Promise((resolve, reject) => {
      const end: Callback = (error, result) => (error ? reject(error) : resolve(result))
      query.apply(this, [...args, this.#inTime(end)])
    }) as never
  }

  /** The callback, called once: by the answer, or by the end of the time. */
  #inTime(callback: Callback): Callback {
    if (this.#timeout === undefined) return callback
    let isOver = false
    const end: Callback = (error, result) => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      callback(error, result)
    }
    const late = () => {
      if (isOver) return
      this.#cut()
      end(new Error('Query read timeout'))
    }
    // After this process has stood still its timers come first, though the answer may be there: it is read before.
    const timer = setTimeout(() => setImmediate(late), this.#timeout)
    return end
  }

  #cut(): void {
    const { connection } = this as unknown as { connection: { stream: { destroy(): void } } }
    void this.end() // by this the pool knows on release: the stream's end comes later, after the next has been given it
    connection.stream.destroy()
  }
}
