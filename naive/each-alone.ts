import type { Db } from '../src/db/database.ts'
import type { AcceptedOrder, decideOrders } from '../src/orders/decide-orders.ts'
import type { Outcome } from '../src/orders/order-job.ts'

/**
 * Decides the orders of a group each by itself, all at the same time, as a worker without groups does. It waits for all of
 * them, also when one fails: the worker then tries them again.
 */
export function eachAlone(decide: (db: Db, job: AcceptedOrder) => Promise<Outcome>): typeof decideOrders {
  return async (db, jobs) => {
    const ends = await Promise.allSettled(jobs.map((job) => decide(db, job)))
    return ends.map((end) => {
      if (end.status === 'rejected') throw end.reason
      return end.value
    })
  }
}

/** Decides one order with a function that takes several. */
export async function decideOne(decide: typeof decideOrders, db: Db, job: AcceptedOrder): Promise<Outcome> {
  const [outcome] = await decide(db, [job])
  if (!outcome) throw new Error('an order was not decided')
  return outcome
}
