import type { Db } from '../db/database.ts'
import { lockProducts, markCancelled, returnStock } from './decisions.queries.ts'
import { findItems } from './orders.queries.ts'

/**
 * Cancels a confirmed order and gives its stock back, in one transaction; false when it was cancelled before. The mark
 * comes first: of two cancellations at the same time one waits for the other, and then finds nothing to mark. The products
 * are locked in the order of their ids, as orders lock them.
 */
export async function cancelOrder(db: Db, id: number): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    if (!(await markCancelled(transaction, id))) return false
    const products = (await findItems(transaction, id)).map(({ product_id }) => product_id)
    if (products.length === 0) return true
    await lockProducts(transaction, products)
    await returnStock(transaction, id)
    return true
  })
}
