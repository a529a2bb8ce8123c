import { sql } from 'kysely'
import type { processOrder } from '../../src/orders/process-order.ts'

/**
 * Delays every order by so many milliseconds before and after the decision, as a call to a supplier or a payment would.
 * Meanwhile the order holds its database connection.
 */
export function slowOrder(
  decide: typeof processOrder,
  { before, after }: { before: number; after: number },
): typeof processOrder {
  const wait = (ms: number) => sql`select pg_sleep(${ms / 1000})`
  return (db, facts, order) =>
    db.connection().execute(async (connection) => {
      if (before > 0) await wait(before).execute(connection)
      const outcome = await decide(connection, facts, order)
      if (after > 0) await wait(after).execute(connection)
      return outcome
    })
}
