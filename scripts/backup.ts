import { sql } from 'kysely'
import { readConfig } from '../src/config.ts'
import { connectDatabase, type Db } from '../src/db/database.ts'
import { appliedMigrations } from '../src/db/migrations.ts'
import { createLogger } from '../src/log.ts'
import type { OrderJob, Outcome } from '../src/orders/order-job.ts'
import { openQueue } from '../src/patterns/queue/queue.ts'
import { firstConnection } from '../src/redis/redis.ts'
import { BackupError, type Header, type QueuedOrder, type Totals, writeBackup } from './backup/backup-file.ts'
import { ordersInDatabase, ordersInRedis } from './backup/queued-orders.ts'
import { report } from './backup/report.ts'
import { rowsOf, tablesOf, totalsOf } from './backup/tables.ts'
import { openServer } from './open-server.ts'

// `npm run backup -- FILE`: everything the shop has promised, as of one moment, while it runs: its tables, and the orders
// that the queue still holds, be it in PostgreSQL or in Redis. `-` writes to standard output. What is told goes to
// standard error.
const HOUR_MS = 3_600_000

try {
  const [path] = process.argv.slice(2)
  if (!path) throw new BackupError('Say where to: npm run backup -- FILE, or - for standard output')
  const config = readConfig(process.env)
  const log = createLogger('warn')
  const { REDIS_URL } = config
  const server = await openServer(config, log)
  const db = connectDatabase(server.url, { max: 1, timeout: HOUR_MS, log })
  const queue = REDIS_URL
    ? openQueue<OrderJob, Outcome, 'order'>({ redisUrl: REDIS_URL, databaseUrl: server.url, timeout: 30_000, log })
    : undefined
  try {
    if (queue?.redis) await firstConnection(queue.redis, 5000)
    // Redis first: an order that leaves it meanwhile has its outcome in the database by then.
    const inRedis = queue ? await ordersInRedis(queue) : []
    const totals: Totals[] = []
    const orders: QueuedOrder[] = []
    await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute((snapshot) => writeBackup(path, everything(snapshot, inRedis, totals, orders)))
    console.error(report(totals, orders))
  } finally {
    await queue?.close()
    await db.destroy()
    await server.stop()
  }
} catch (error) {
  console.error(error instanceof BackupError ? error.message : `Nothing was backed up: ${(error as Error).message}`)
  process.exitCode = 1
}

/** The lines of the file; fills `totals` and `orders` for those who tell of them. */
async function* everything(
  db: Db,
  inRedis: QueuedOrder[],
  totals: Totals[],
  orders: QueuedOrder[],
): AsyncGenerator<string> {
  const { rows } = await sql<{ now: string }>`select now() as now`.execute(db)
  const migrations = await appliedMigrations(db)
  if (migrations.length === 0) throw new BackupError('There is no shop in this database: nothing was backed up.')
  const header: Header = {
    format: 'mini-ecommerce-api backup',
    version: 1,
    taken_at: rows[0]?.now ?? '',
    migrations,
  }
  yield line(header)
  for (const table of await tablesOf(db)) {
    totals.push(await totalsOf(db, table))
    yield line(table)
    for await (const batch of rowsOf(db, table)) yield `${batch.join('\n')}\n`
  }
  for (const queued of [inRedis, await ordersInDatabase(db)]) for (const order of queued) orders.push(order)
  yield line('queue')
  for (const order of orders) yield line(order)
  yield line('totals')
  for (const total of totals) yield line(total)
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}
