import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { type Page, readPage } from '../db/page.ts'
import type { CustomerChange, NewCustomer } from './customer.ts'

/** A page by id, or the newest. */
export function listCustomers(db: Db, page: Page) {
  return readPage(db.selectFrom('customers').selectAll(), page)
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
