import { sql } from 'kysely'
import type { decideOrders } from '../../src/orders/decide-orders.ts'
import { decideOne, eachAlone } from '../naive/each-alone.ts'

/**
 * Delays every order by so many milliseconds before and after the decision, as a call to a supplier or a payment would.
 * Meanwhile the order holds its database connection.
 */
export function slowOrder(
  decide: typeof decideOrders,
  { before, after }: { before: number; after: number },
): typeof decideOrders {
  const wait = (ms: number) => sql`select pg_sleep(${ms / 1000})`
  return eachAlone((db, job) =>
    db.connection().execute(async (connection) => {
      if (before > 0) await wait(before).execute(connection)
      const outcome = await decideOne(decide, connection, job)
      if (after > 0) await wait(after).execute(connection)
      return outcome
    }),
  )
}
