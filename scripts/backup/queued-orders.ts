import { sql } from 'kysely'
import type { Db } from '../../src/db/database.ts'
import type { OrderJob, OrderQueue } from '../../src/orders/order-job.ts'
import { QUEUE } from '../../src/patterns/queue/queue.ts'
import type { QueuedOrder } from './backup-file.ts'

const BATCH = 500

/** The orders that a queue in PostgreSQL holds at the moment of the transaction. */
export async function ordersInDatabase(db: Db): Promise<QueuedOrder[]> {
  const { rows: found } = await sql<{ there: boolean }>`select to_regclass('bullmq.job') is not null as there`.execute(
    db,
  )
  if (!found[0]?.there) return []
  const { rows } = await sql<QueuedOrder>`
    select id as job_id, added_at_ms as accepted_at, state = 'failed' as dead, data
    from bullmq.job where queue = ${QUEUE} and state <> 'completed' order by seq`.execute(db)
  return rows
}

/**
 * The orders that a queue in Redis holds. Their ids are taken in one transaction, since an order on its way from one
 * list to another would be missed between two looks. One that ends before its data are read is left out: so this has
 * to come before the look into the database, which then has its outcome.
 */
export async function ordersInRedis({ queue, redis }: OrderQueue): Promise<QueuedOrder[]> {
  if (!redis) return []
  const [failed = [], ...others] = await redis
    .multi()
    .zrange(queue.toKey('failed'), 0, -1)
    .zrange(queue.toKey('delayed'), 0, -1)
    .zrange(queue.toKey('prioritized'), 0, -1)
    .lrange(queue.toKey('active'), 0, -1)
    .lrange(queue.toKey('paused'), 0, -1)
    .lrange(queue.toKey('wait'), 0, -1)
    .exec()
    .then((answers) => (answers ?? []).map(([error, ids]) => (error ? Promise.reject(error) : (ids as string[]))))
    .then((lists) => Promise.all(lists))
  const dead = new Set(failed)
  const orders: QueuedOrder[] = []
  for (const ids of batches([...failed, ...others.flat()])) {
    const jobs = await Promise.all(ids.map((id) => queue.getJob(id)))
    for (const job of jobs) {
      if (!job?.id) continue
      orders.push({ job_id: job.id, accepted_at: job.timestamp, dead: dead.has(job.id), data: job.data })
    }
  }
  return orders.sort((a, b) => a.accepted_at - b.accepted_at)
}

/**
 * Puts orders into the queue, wherever that is, under their own ids: one that is there already is not put in twice, and
 * one whose outcome is on record is not made again. Their attempts begin anew, also those of dead letters.
 */
export async function enqueue({ queue }: OrderQueue, orders: QueuedOrder[]): Promise<void> {
  for (const batch of batches(orders)) {
    const jobs = batch.map(({ job_id, accepted_at, data }) => ({
      name: 'order' as const,
      data: data as OrderJob, // the worker checks it
      opts: { jobId: job_id, timestamp: accepted_at },
    }))
    await queue.addBulk(jobs)
  }
}

function* batches<T>(items: T[]): Generator<T[]> {
  for (let at = 0; at < items.length; at += BATCH) yield items.slice(at, at + BATCH)
}
