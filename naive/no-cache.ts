import type { cacheAside } from '../src/patterns/cache/cache-aside.ts'
import { productList } from '../src/products/product-list.ts'
import type { Modification } from '../support/modified-shop.ts'

/**
 * **The problem.** The catalogue is read a thousand times for each time that it is written.
 *
 * **What this does.** It reads it from the database each time. That is never stale, and has no moving parts: for a shop
 * with few readers it is the right choice.
 *
 * **What goes wrong.** Each reader pays for the query, for its rows on the wire, and for turning them into JSON; so does
 * everybody behind it, since the database and this process do that work one after the other. The database's capacity is
 * the shop's.
 *
 * **The other one** is `src/patterns/cache/cache-aside.ts`, and its price is what that file is about: invalidation, fence, single
 * flight.
 */
export const withoutCache: typeof cacheAside = ({ load }) => ({
  async read() {
    const start = performance.now()
    const value = await load()
    return { value, outcome: 'not-stored', ttlMs: 0, loadMs: performance.now() - start }
  },
  async invalidate() {},
})

export default {
  parts: { productList: (options) => productList({ ...options, aside: withoutCache }) },
} satisfies Modification
