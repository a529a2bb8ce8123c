import type { Insertable } from 'kysely'
import type { Database } from '../src/db/schema.ts'
import { fromMinor, toMinor } from '../src/money.ts'
import { insertOutcome } from '../src/orders/decisions.queries.ts'
import type { Outcome } from '../src/orders/order-job.ts'
import { findOutcome, toOutcome } from '../src/orders/orders.queries.ts'
import type { Modification } from '../support/modified-shop.ts'
import { eachAlone } from './each-alone.ts'

/**
 * **The problem.** Ten units are left and a hundred want one: exactly ten may get it.
 *
 * **What this does.** It reads the stock, sees that there is enough, and writes back what it computed: `stock = 10 - 1`.
 * It even does so in a transaction. Nothing is wrong with it while one order is processed at a time, so its tests pass.
 *
 * **What goes wrong.** Two workers read 10, both see enough, both write 9: two units are sold, one is taken (a lost
 * update). A transaction does not help: at PostgreSQL's default level, read committed, it sees what others have committed
 * and is not told that the row has changed since it looked. Nor does the table's `check (stock >= 0)`: no single write
 * ever goes below zero.
 *
 * **The right one** is `src/orders/decide-orders.ts`: it locks the products' rows before it looks (`select … for
 * update`, in the order of their ids), and takes the units in the statement that writes (`stock = stock - quantity`).
 */
export const readThenWrite = eachAlone(async (db, { facts, order }): Promise<Outcome> => {
  const before = await findOutcome(db, facts.job_id)
  if (before) return toOutcome(before)

  const { customer_id, items: wanted = [] } = order
  const lines: (Omit<Insertable<Database['order_items']>, 'order_id'> & { stock: number })[] = []
  for (const { product_id, quantity } of wanted) {
    const { price, stock } = await db
      .selectFrom('products')
      .select(['price', 'stock'])
      .where('id', '=', product_id)
      .executeTakeFirstOrThrow()
    if (stock < quantity) {
      const error = { code: 'out_of_stock', detail: `Of product ${product_id} only ${stock} are left.` }
      await insertOutcome(db, facts, 'rejected', error)
      return { status: 'rejected', error }
    }
    lines.push({ product_id, quantity, unit_price: price, stock })
  }

  return db.transaction().execute(async (transaction) => {
    const priced = lines.reduce((sum, line) => sum + toMinor(line.unit_price) * BigInt(line.quantity), 0n)
    const cents = lines.length > 0 ? priced : toMinor(order.total ?? 0)
    const { id: order_id } = await transaction
      .insertInto('orders')
      .values({ job_id: facts.job_id, customer_id, total: fromMinor(cents) })
      .returning('id')
      .executeTakeFirstOrThrow()
    for (const { stock, ...line } of lines) {
      await transaction
        .insertInto('order_items')
        .values({ order_id, ...line })
        .execute()
      await transaction
        .updateTable('products')
        .set({ stock: stock - line.quantity })
        .where('id', '=', line.product_id)
        .execute()
    }
    await transaction
      .insertInto('order_jobs')
      .values({
        job_id: facts.job_id,
        status: 'succeeded',
        order_id,
        attempts: facts.attempts,
        created_at: facts.accepted_at,
      })
      .execute()
    return { status: 'succeeded', order_id }
  })
})

export default { parts: { decideOrders: readThenWrite } } satisfies Modification
