import { memoryCache } from '../src/patterns/cache/memory-cache.ts'
import { productList } from '../src/products/product-list.ts'
import type { Modification } from '../support/modified-shop.ts'

/**
 * **The problem.** Several processes serve the same catalogue.
 *
 * **What this does.** Each process caches for itself, in its memory: fast, and right with one process.
 *
 * **What goes wrong.** A process does not hear of what another one invalidates, and shows old prices for a whole time to
 * live.
 *
 * **The right one** is `src/patterns/cache/redis-cache.ts`: the processes share one cache.
 */
const cachePerProcess: typeof productList = (options) => productList({ ...options, cache: memoryCache() })

export default { parts: { productList: cachePerProcess } } satisfies Modification
