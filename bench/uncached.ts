import { randomUUID } from 'node:crypto'
import type { Cache } from '../src/patterns/cache/cache.ts'
import { productList } from '../src/products/product-list.ts'
import type { Modification } from '../support/modified-shop.ts'

/**
 * A cache that never has anything: each read of the list asks Redis, in vain, and then the database. A generation of its
 * own for each read keeps reads from sharing one query, as they would, so that the query is measured.
 */
const missing = (cache: Cache): Cache => ({
  ...cache,
  async read() {
    await cache.read('bench:nothing')
    return { hit: false, generation: randomUUID() }
  },
  store: async () => false,
})

export default {
  parts: { productList: (options) => productList({ ...options, cache: missing(options.cache) }) },
} satisfies Modification
