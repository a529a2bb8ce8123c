import { sql } from 'kysely'
import { decideOne, eachAlone } from '../../naive/each-alone.ts'
import type { decideOrders } from '../../src/orders/decide-orders.ts'
import type { Modification } from '../../support/modified-shop.ts'

/** How long each order takes, in milliseconds before and after it is decided. */
export interface Slowness {
  before: number
  after: number
}

/** This module, for a shop whose orders are slow. Modules before it decide, those after it have a slow decision. */
export const slowly = ({ before, after }: Slowness) => `lab/sandbox/slow-order.ts?before=${before}&after=${after}`

/**
 * Delays every order before and after the decision, as a call to a supplier or a payment would. Meanwhile the order holds
 * its database connection.
 */
function slowOrder(decide: typeof decideOrders, { before, after }: Slowness): typeof decideOrders {
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

const asked = new URL(import.meta.url).searchParams
const slowness = { before: Number(asked.get('before')), after: Number(asked.get('after')) }

export default { parts: (own) => ({ decideOrders: slowOrder(own.decideOrders, slowness) }) } satisfies Modification
