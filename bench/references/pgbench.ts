import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { migrateAll } from '../../src/db/migrations.ts'
import { silent } from '../../support/servers.ts'
import { fillOurs } from '../fill.ts'
import { query } from '../orders.ts'
import type { Subject } from '../work.ts'

/** Why pgbench can't be compared with, or undefined. */
export function whyNoPgbench(): string | undefined {
  const found = spawnSync('pgbench', ['--version']).error === undefined
  return found ? undefined : 'no pgbench: apt-get install postgresql-contrib'
}

/** Connections, as many as our worker processes orders at a time. */
const CONCURRENCY = 50

/**
 * `pgbench` with the transaction of an order of one item (order-transaction.sql), in a database of its own on the same
 * server: what PostgreSQL could do, were there no queue and no worker.
 */
export function pgbench(name: string, databaseUrl: string, seconds: number, cpus: string | undefined): Subject {
  const own = new URL(databaseUrl)
  own.pathname = '/pgbench'
  let ready: Promise<void> | undefined
  const prepare = async () => {
    await query(databaseUrl, 'create database pgbench')
    await migrateAll(own.href, false, silent)
    await fillOurs(own.href, { products: 100, orders: 0 })
  }
  return {
    name,
    async measure() {
      ready ??= prepare()
      await ready
      const pin = cpus === undefined ? [] : ['taskset', '-c', cpus]
      const script = join(import.meta.dirname, 'order-transaction.sql')
      const settings = ['-n', '-M', 'prepared', '-c', `${CONCURRENCY}`, '-T', `${Math.ceil(seconds)}`, '-f', script]
      const [program = '', ...args] = [...pin, 'pgbench', ...settings, own.href]
      const run = spawnSync(program, args, { encoding: 'utf8' })
      const rate = Number(/tps = ([\d.]+)/.exec(run.stdout)?.[1])
      if (!rate) throw new Error(`pgbench said: ${run.stdout}${run.stderr}`)
      return { value: rate }
    },
  }
}
