import type { Pool } from 'pg'
import { Gauge } from 'prom-client'
import type { Registry } from './registry.ts'

/** How the process uses its connections to PostgreSQL; read when somebody asks. */
export function observePool(pool: Pool, registry: Registry): void {
  const registers = [registry]
  new Gauge({
    name: 'shop_db_pool_connections',
    help: 'Connections to PostgreSQL that this process holds, used or idle.',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'used' }, pool.totalCount - pool.idleCount)
      this.set({ state: 'idle' }, pool.idleCount)
    },
  })
  new Gauge({
    name: 'shop_db_pool_max_connections',
    help: 'Connections that this process may hold (DATABASE_POOL).',
    registers,
  }).set(pool.options.max)
  new Gauge({
    name: 'shop_db_pool_waiting_requests',
    help: 'Statements that wait for a connection because all are used.',
    registers,
    collect() {
      this.set(pool.waitingCount)
    },
  })
}
