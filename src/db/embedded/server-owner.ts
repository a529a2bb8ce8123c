import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Cluster } from './embedded-cluster.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { freePort } from './free-port.ts'
import { isAlive, lastWords, launch, runningServer } from './postmaster.ts'

/** Any number that no other program takes for its advisory lock in this cluster. */
const OWNER_LOCK = 8_080_918_1
/** SQLSTATE `cannot_connect_now`: the server starts, recovers from a crash or shuts down, however long that takes. */
const BUSY = '57P03'
/** SQLSTATE `invalid_password`. */
const WRONG_PASSWORD = '28P01'

/** Gets hold of the server of one cluster, as often as needed. */
export interface ServerOwner {
  /**
   * Adopts the running server or starts one, and takes the lock on a connection that is returned: who has it open owns the
   * server.
   * @param signal ends the wait for the server
   */
  own(signal?: AbortSignal): Promise<pg.Client>
  url(): string
  /** The pid of the server that was started last, if any was. */
  launched(): number | undefined
}

/** @param patience milliseconds without a sign of life after which a start has failed */
export function serverOwner(cluster: Cluster, patience: number): ServerOwner {
  const { home, data, password } = cluster
  let port = 0
  let launched: number | undefined
  let lastSign = 0
  return { own, url: () => `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, launched: () => launched }

  async function own(signal?: AbortSignal): Promise<pg.Client> {
    lastSign = performance.now()
    for (let believed = true; ; believed = false) {
      // After a reboot the pid file may name some other process: believe it once, then let PostgreSQL itself decide.
      const server = believed ? runningServer(data) : undefined
      if (server) port = server.port
      else {
        port ||= await freePort()
        launched = launch(cluster, port)
      }
      const client = await connect(server ? patience / 3 : patience, signal)
      if (client) return lock(client)
      if (performance.now() > lastSign + patience)
        throw new EmbeddedPostgresError(`PostgreSQL did not start on ${data}; its last words:\n${lastWords(cluster)}`)
    }
  }

  /** Waits until the server answers; undefined when it is gone or gave no sign of life for `ms` milliseconds. */
  async function connect(ms: number, signal: AbortSignal | undefined): Promise<pg.Client | undefined> {
    // At least once: a process that was stopped meanwhile, as a laptop that slept, has waited for nothing.
    for (let tries = 0; tries === 0 || performance.now() < lastSign + ms; tries++) {
      signal?.throwIfAborted()
      const client = newClient()
      try {
        await client.connect()
        return client
      } catch (error) {
        explain(error as { code?: string })
        await sleep(tries < 100 ? 10 : 100)
        if (tries > 20 && isGone()) return undefined
      }
    }
    return undefined
  }

  function newClient(): pg.Client {
    const where = { host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres' }
    const client = new pg.Client({ ...where, application_name: 'shop owner' })
    client.on('error', () => {}) // its end is what counts
    return client
  }

  function explain({ code }: { code?: string }): void {
    if (code === BUSY) lastSign = performance.now()
    if (code === WRONG_PASSWORD)
      throw new EmbeddedPostgresError(`${home}/password does not open the database in ${data}: restore that file`)
  }

  /**
   * Whether nobody holds the folder any more: a server that refused it has ended by now. One that lives may just be slow, and
   * a second one beside it would be the one that is stopped when the start is called off.
   */
  function isGone(): boolean {
    return !runningServer(data) && !(launched && isAlive(launched))
  }

  async function lock(client: pg.Client): Promise<pg.Client> {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [OWNER_LOCK])
    if (rows[0]?.taken) return client
    await client.end()
    throw new EmbeddedPostgresError(
      `${home} is in use by another instance of the shop: stop that one, or set DATA_DIR to another folder`,
    )
  }
}
