import { sql } from 'kysely'
import type { processOrder } from '../../src/orders/process-order.ts'

/**
 * Lets every order take time, as one does that waits for a supplier or a payment: so many milliseconds before it is
 * decided and after, on one connection to the database, which others can't have meanwhile.
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
