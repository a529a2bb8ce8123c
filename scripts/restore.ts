import { type Config, readConfig } from '../src/config.ts'
import { connectDatabase } from '../src/db/database.ts'
import { appliedMigrations, files, migrateAll } from '../src/db/migrations.ts'
import { createLogger } from '../src/log.ts'
import type { OrderJob, Outcome } from '../src/orders/order-job.ts'
import { redisCache } from '../src/patterns/cache/redis-cache.ts'
import { openQueue } from '../src/patterns/queue/queue.ts'
import { PRODUCTS_KEY } from '../src/products/product-list.ts'
import { connectRedis, firstConnection } from '../src/redis/redis.ts'
import { BackupError, readBackup } from './backup/backup-file.ts'
import { load, parseHeader } from './backup/load.ts'
import { enqueue } from './backup/queued-orders.ts'
import { report } from './backup/report.ts'
import { openServer } from './open-server.ts'

// `npm run restore -- FILE`: fills an empty shop from a backup: the tables in one transaction, which counts and compares
// before it commits, then the orders under way into the queue, wherever that is here. `-` reads standard input.
const HOUR_MS = 3_600_000
const log = createLogger('warn')

try {
  const [path] = process.argv.slice(2)
  if (!path) throw new BackupError('Say from where: npm run restore -- FILE, or - for standard input')
  console.log(await restore(path, readConfig(process.env)))
} catch (error) {
  console.error(error instanceof BackupError ? error.message : `The restore failed: ${(error as Error).message}`)
  process.exitCode = 1
}

async function restore(path: string, config: Config): Promise<string> {
  const { REDIS_URL } = config
  const lines = readBackup(path)
  const header = parseHeader((await lines.next()).value)
  const upTo = header.migrations.at(-1)
  if (!upTo || !files.includes(upTo)) throw new BackupError('The backup is of a newer shop: restore it with that one')

  const server = await openServer(config, log)
  const db = connectDatabase(server.url, { max: 2, timeout: HOUR_MS, log })
  const closers = [() => server.stop(), () => db.destroy()]
  try {
    // To where the shop of the backup was, and after the rows are there to where this one is.
    await migrateAll(server.url, !REDIS_URL, log, upTo)
    if ((await appliedMigrations(db)).join() !== header.migrations.join())
      throw new BackupError('The schema is newer than the backup: restore into a database without any tables')
    // Not before its tables are there: BullMQ looks for them as soon as it is opened.
    const queue = openQueue<OrderJob, Outcome, 'order'>({
      redisUrl: REDIS_URL,
      databaseUrl: server.url,
      timeout: 30_000,
      log,
    })
    closers.push(() => queue.close())
    if (queue.redis) {
      await firstConnection(queue.redis, 5000)
      await queue.redis.ping() // no half of a restore
    }
    const { totals, orders, loaded } = await db.transaction().execute((transaction) => load(transaction, lines))
    await migrateAll(server.url, !REDIS_URL, log)
    // After the rows: a worker that runs already finds the order's customer.
    await enqueue(queue, orders)
    if (REDIS_URL) await forgetCachedList(REDIS_URL)
    const done = loaded ? 'Restored' : 'The rows were there already; restored the queue of'
    return `${report(totals, orders)}\n${done} the shop of ${header.taken_at}: every total is equal.`
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

/** What replicas have cached of the shop that was. */
async function forgetCachedList(url: string): Promise<void> {
  const redis = connectRedis(url, { name: 'restore', timeout: 5000, log })
  try {
    await firstConnection(redis, 5000)
    await redisCache(redis, [PRODUCTS_KEY], log).invalidate(PRODUCTS_KEY)
  } finally {
    redis.disconnect()
  }
}
