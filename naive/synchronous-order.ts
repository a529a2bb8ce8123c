import { randomUUID } from 'node:crypto'
import { connectDatabase, type Db } from '../src/db/database.ts'
import type { decideOrders } from '../src/orders/decide-orders.ts'
import type { orderIntake } from '../src/orders/place-order.ts'
import type { Modification } from '../support/modified-shop.ts'

/**
 * **The problem.** Orders come in bursts, and each takes time: a payment, a supplier's system, the stock.
 *
 * **What this does.** It decides the order while the client waits. When it works the client knows at once, and there is
 * no queue to run, no worker, no status to ask for.
 *
 * **What goes wrong.** What the shop can take in is what it can decide, at that very moment. In a burst the requests wait
 * for a connection to the database, each longer than the one before, until their time is up: the client gets a 503 after
 * a long wait, and the order is gone unless it comes back, with all the others, making the next burst. And the orders
 * that wait in this process die with it.
 *
 * **The right one** is `src/orders/place-order.ts` (queue-based load leveling): it writes the order to the queue, which
 * is quick, and lets the client go; workers decide at their own pace, and a burst becomes a longer wait, not a refusal.
 */
export function synchronousOrder(db: Db, decide: typeof decideOrders): typeof orderIntake {
  return () =>
    async function placeOrder(order) {
      const job_id = randomUUID()
      await decide(db, [{ facts: { job_id, attempts: 1, accepted_at: new Date() }, order }])
      return { job_id, replayed: false }
    }
}

export default {
  parts: (own, { config, log }) => {
    const db = connectDatabase(config.DATABASE_URL ?? '', {
      max: config.DATABASE_POOL,
      timeout: config.REQUEST_TIMEOUT,
      log,
    })
    return { orderIntake: synchronousOrder(db, own.decideOrders) }
  },
} satisfies Modification
