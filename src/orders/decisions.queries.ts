import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { fromMinor } from '../money.ts'
import type { Reason } from './order-job.ts'

/** What is known of a job when its outcome is written. */
export interface JobFacts {
  job_id: string
  attempts: number
  accepted_at: Date
}

/** An order that can be made, before it is stored. */
export interface PricedOrder {
  facts: JobFacts
  customer_id: number
  /** In minor units. */
  total: bigint
  items: { product_id: number; quantity: number; unit_price: number }[]
}

/** The same job ran elsewhere and its outcome is on record: this transaction has to be rolled back. */
export class AlreadyDecided extends Error {
  override name = 'AlreadyDecided'
}

/** Locks products against other orders until the end of the transaction, in the order of their ids: no deadlock. */
export function lockProducts(db: Db, ids: number[]) {
  return db
    .selectFrom('products')
    .select(['id', 'price', 'stock'])
    .where('id', 'in', ids)
    .orderBy('id')
    .forUpdate()
    .execute()
}

/** Returns the customers that exist; they can't be removed before the end of the transaction. */
export async function lockCustomers(db: Db, ids: number[]): Promise<number[]> {
  const customers = await db
    .selectFrom('customers')
    .select('id')
    .where('id', 'in', ids)
    .orderBy('id')
    .forKeyShare()
    .execute()
  return customers.map(({ id }) => id)
}

/**
 * Stores orders, their items, what they take from stock, and their outcomes, in one statement; all of them or, rejecting,
 * none. Rejects with SQLSTATE 23505 on `orders_job_id_key` when one of the jobs already made its order.
 * @throws AlreadyDecided when one was rejected meanwhile, and stock came back since: what is final stays
 */
export async function insertOrders(
  db: Db,
  orders: readonly PricedOrder[],
): Promise<{ job_id: string; order_id: number }[]> {
  if (orders.length === 0) return []
  const column = <T>(value: (order: PricedOrder) => T) => orders.map(value)
  const items = orders.flatMap(({ facts, items }) => items.map((item) => ({ job_id: facts.job_id, ...item })))
  const itemColumn = <Name extends keyof (typeof items)[number]>(name: Name) => items.map((item) => item[name])
  const { rows } = await sql<{ job_id: string; order_id: number }>`
    with wanted as (
      select * from unnest(
        ${column(({ facts }) => facts.job_id)}::uuid[], ${column(({ customer_id }) => customer_id)}::int[],
        ${column(({ total }) => fromMinor(total))}::numeric[], ${column(({ facts }) => facts.attempts)}::int[],
        ${column(({ facts }) => facts.accepted_at)}::timestamptz[]
      ) with ordinality as wanted (job_id, customer_id, total, attempts, accepted_at, number)
    ), item as (
      select * from unnest(
        ${itemColumn('job_id')}::uuid[], ${itemColumn('product_id')}::int[],
        ${itemColumn('quantity')}::int[], ${itemColumn('unit_price')}::numeric[]
      ) as item (job_id, product_id, quantity, unit_price)
    ), placed as (
      insert into orders (job_id, customer_id, total)
      select job_id, customer_id, total from wanted order by number returning id, job_id
    ), line as (
      insert into order_items (order_id, product_id, quantity, unit_price)
      select placed.id, product_id, quantity, unit_price from placed join item using (job_id)
    ), taken as (
      update products set stock = stock - sold.quantity, version = version + 1, updated_at = now()
      from (select product_id, sum(quantity)::int as quantity from item group by product_id) as sold
      where products.id = sold.product_id
    )
    insert into order_jobs (job_id, status, order_id, attempts, created_at)
    select job_id, 'succeeded', placed.id, attempts, accepted_at from placed join wanted using (job_id)
    on conflict (job_id) do update set
      status = 'succeeded', order_id = excluded.order_id, error = null, attempts = excluded.attempts, updated_at = now()
      where order_jobs.status = 'failed'
    returning job_id, order_id`.execute(db)
  if (rows.length < orders.length) throw new AlreadyDecided()
  return rows
}

/**
 * Writes how a job ended without an order, unless it ended before or has made one; returns whether it was written. A
 * `failed` job that was redriven ends anew.
 */
export async function insertOutcome(
  db: Db,
  { job_id, attempts, accepted_at }: JobFacts,
  status: 'rejected' | 'failed',
  error: Reason,
): Promise<boolean> {
  const { rows } = await sql`
    insert into order_jobs (job_id, status, error, attempts, created_at)
    select ${job_id}, ${status}, ${JSON.stringify(error)}::jsonb, ${attempts}, ${accepted_at}
    where not exists (select from orders where job_id = ${job_id})
    on conflict (job_id) do update set
      status = excluded.status, error = excluded.error, attempts = excluded.attempts, updated_at = now()
      where order_jobs.status = 'failed'
    returning job_id`.execute(db)
  return rows.length > 0
}

/**
 * Puts on record again that a job made its order, when that was purged: the order itself stays. Returns the order's id,
 * or undefined when there is none.
 */
export async function recallOrder(db: Db, { job_id, attempts, accepted_at }: JobFacts): Promise<number | undefined> {
  const { rows } = await sql<{ order_id: number }>`
    insert into order_jobs (job_id, status, order_id, attempts, created_at)
    select job_id, 'succeeded', id, ${attempts}, ${accepted_at} from orders where job_id = ${job_id}
    on conflict (job_id) do update set
      status = 'succeeded', order_id = excluded.order_id, error = null, updated_at = now()
    returning order_id`.execute(db)
  return rows[0]?.order_id
}

/** Marks a confirmed order as cancelled; returns false when it was cancelled before, or there is none. */
export async function markCancelled(db: Db, id: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('orders')
    .set({ status: 'cancelled', updated_at: sql`now()` })
    .where('id', '=', id)
    .where('status', '=', 'confirmed')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Gives the units of an order back to the stock of its products. */
export async function returnStock(db: Db, order_id: number): Promise<void> {
  await db
    .updateTable('products')
    .from('order_items')
    .set({
      stock: sql`products.stock + order_items.quantity`,
      version: sql`products.version + 1`,
      updated_at: sql`now()`,
    })
    .whereRef('products.id', '=', 'order_items.product_id')
    .where('order_items.order_id', '=', order_id)
    .execute()
}
