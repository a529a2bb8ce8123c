import { toMinor } from '../../src/money.ts'
import { findOutcome, insertOrder, insertOutcome, type PricedItem, toOutcome } from '../../src/orders/orders.queries.ts'
import type { processOrder } from '../../src/orders/process-order.ts'

/** Reads the stock, decides, and writes back what it computed: two at once sell the same unit. */
export const oversellingProcessor: typeof processOrder = async (db, facts, order) => {
  const before = await findOutcome(db, facts.job_id)
  if (before) return toOutcome(before)
  const { customer_id, items: wanted = [] } = order
  const items: (PricedItem & { stock: number })[] = []
  for (const { product_id, quantity } of wanted) {
    const product = await db.selectFrom('products').selectAll().where('id', '=', product_id).executeTakeFirstOrThrow()
    if (product.stock < quantity) {
      const error = { code: 'out_of_stock', detail: `Of product ${product_id} only ${product.stock} are left.` }
      await insertOutcome(db, facts, 'rejected', error)
      return { status: 'rejected', error }
    }
    items.push({ product_id, quantity, unit_price: product.price, stock: product.stock })
  }
  const total =
    wanted.length > 0
      ? items.reduce((sum, item) => sum + toMinor(item.unit_price) * BigInt(item.quantity), 0n)
      : toMinor(order.total ?? 0)
  return db.transaction().execute(async (transaction) => {
    const order_id = await insertOrder(transaction, facts, { customer_id, total, items })
    for (const { product_id, stock, quantity } of items) {
      await transaction
        .updateTable('products')
        .set({ stock: stock - quantity })
        .where('id', '=', product_id)
        .execute()
    }
    return { status: 'succeeded' as const, order_id }
  })
}
