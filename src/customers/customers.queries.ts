import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { PageQuery } from '../validation.ts'
import type { CustomerChange, NewCustomer } from './customer.ts'

/** A page by id, or without `limit` the newest 100, oldest first. */
export async function listCustomers(db: Db, { limit, after }: PageQuery) {
  const query = db.selectFrom('customers').selectAll()
  if (limit === undefined && after === undefined)
    return (await query.orderBy('id', 'desc').limit(100).execute()).reverse()
  return query
    .where('id', '>', after ?? 0)
    .orderBy('id')
    .limit(limit ?? 100)
    .execute()
}

export function findCustomer(db: Db, id: number) {
  return db.selectFrom('customers').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Rejects with SQLSTATE 23505 when the e-mail is taken; so does an update. */
export function insertCustomer(db: Db, customer: NewCustomer) {
  return db.insertInto('customers').values(customer).returningAll().executeTakeFirstOrThrow()
}

export function updateCustomer(db: Db, id: number, change: CustomerChange) {
  return db
    .updateTable('customers')
    .set({ ...change, updated_at: sql`now()` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
}

/** Rejects with SQLSTATE 23503 when an order refers to the customer. */
export async function deleteCustomer(db: Db, id: number): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('customers').where('id', '=', id).executeTakeFirst()
  return numDeletedRows > 0n
}
