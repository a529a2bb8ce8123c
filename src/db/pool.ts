import pg from 'pg'
import { Client } from './pg-client.ts'

/** When a connection without traffic is first asked whether it still exists; left to the system it is two hours. */
const KEEP_ALIVE_MS = 10_000

/** A pool of connections to PostgreSQL that outlives the connections it loses. It connects on first use. */
export function openPool(config: pg.PoolConfig): pg.Pool {
  return new pg.Pool({ ...config, Client, keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS })
}
