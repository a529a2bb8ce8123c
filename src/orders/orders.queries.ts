import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { type Page, readPage } from '../db/page.ts'
import type { Outcome, Reason } from './order-job.ts'

/** A page by id, or the newest orders. */
export function listOrders(db: Db, page: Page) {
  return readPage(db.selectFrom('orders').selectAll(), page)
}

export async function findOrder(db: Db, id: number) {
  const order = await db.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirst()
  return order && { ...order, items: await findItems(db, id) }
}

export function findItems(db: Db, order_id: number) {
  return db
    .selectFrom('order_items')
    .select(['product_id', 'quantity', 'unit_price'])
    .where('order_id', '=', order_id)
    .orderBy('product_id')
    .execute()
}

/** How a job ended, or undefined. */
export function findOutcome(db: Db, job_id: string) {
  return db.selectFrom('order_jobs').selectAll().where('job_id', '=', job_id).executeTakeFirst()
}

/** How jobs ended; those that have not ended are missing. */
export function findOutcomes(db: Db, job_ids: string[]) {
  return db.selectFrom('order_jobs').selectAll().where(sql<boolean>`job_id = any(${job_ids}::uuid[])`).execute()
}

/** The outcome that a stored row stands for. */
export function toOutcome(row: { status: Outcome['status']; order_id: number | null; error: Reason | null }): Outcome {
  if (row.status === 'succeeded') return { status: 'succeeded', order_id: row.order_id ?? 0 }
  return { status: row.status, error: row.error ?? { code: 'unknown', detail: 'The reason was not kept.' } }
}
