import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { type Page, readPage } from '../db/page.ts'
import type { NewProduct, ProductChange } from './product.ts'

const columns = ['id', 'name', 'price', 'stock', 'created_at', 'updated_at'] as const

/** All products, by id. */
export function listProducts(db: Db) {
  return db.selectFrom('products').select(columns).orderBy('id').execute()
}

/** A page of products, by id. */
export function pageOfProducts(db: Db, page: Page) {
  return readPage(db.selectFrom('products').select(columns), page)
}

/** One product with its version, or undefined. */
export function findProduct(db: Db, id: number) {
  return db
    .selectFrom('products')
    .select([...columns, 'version'])
    .where('id', '=', id)
    .executeTakeFirst()
}

export function insertProduct(db: Db, product: NewProduct) {
  return db
    .insertInto('products')
    .values(product)
    .returning([...columns, 'version'])
    .executeTakeFirstOrThrow()
}

/**
 * Changes a product if it has one of these versions (undefined: whatever it has); undefined when it has not, or is gone.
 */
export function updateProduct(db: Db, id: number, change: ProductChange, versions: number[] | undefined) {
  return db
    .updateTable('products')
    .set({ ...change, version: sql`version + 1`, updated_at: sql`now()` })
    .where('id', '=', id)
    .$if(versions !== undefined, (query) => query.where(sql<boolean>`version = any(${versions})`))
    .returning([...columns, 'version'])
    .executeTakeFirst()
}

/** Deletes a product, under the same condition; rejects with SQLSTATE 23503 when an order refers to it. */
export async function deleteProduct(db: Db, id: number, versions: number[] | undefined): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('products')
    .where('id', '=', id)
    .$if(versions !== undefined, (query) => query.where(sql<boolean>`version = any(${versions})`))
    .executeTakeFirst()
  return numDeletedRows > 0n
}
