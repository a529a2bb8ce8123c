import { sql } from 'kysely'
import type { cancelOrder } from '../src/orders/cancel-order.ts'
import { findOrder } from '../src/orders/orders.queries.ts'
import type { Modification } from '../support/modified-shop.ts'

/**
 * **The problem.** A cancelled order gives its stock back, once, however often it is cancelled.
 *
 * **What this does.** It looks whether the order is cancelled already, gives the stock back, then marks the order.
 *
 * **What goes wrong.** Two cancellations at the same moment both find the order not cancelled, and both give back.
 *
 * **The right one** is `src/orders/cancel-order.ts`: the order is marked first, and only the cancellation that marks it
 * gives the stock back.
 */
export const restockThenMark: typeof cancelOrder = async (db, id) => {
  const order = await findOrder(db, id)
  if (!order || order.status === 'cancelled') return false
  for (const { product_id, quantity } of order.items) {
    const given = { stock: sql<number>`stock + ${quantity}`, version: sql<number>`version + 1` }
    await db.updateTable('products').set(given).where('id', '=', product_id).execute()
  }
  await db.updateTable('orders').set({ status: 'cancelled' }).where('id', '=', id).execute()
  return true
}

export default { parts: { cancelOrder: restockThenMark } } satisfies Modification
