import type { cacheAside } from '../src/patterns/cache/cache-aside.ts'
import { productList } from '../src/products/product-list.ts'
import type { Modification } from '../support/modified-shop.ts'

/**
 * **The problem.** The catalogue is cached, its entry has just ended, and a hundred readers come in the same moment.
 *
 * **What this does.** Cache-aside as every introduction has it: look in the cache, on a miss ask the database, store
 * what it said. (It keeps the fence against old values, so that one defect is seen at a time.)
 *
 * **What goes wrong.** All hundred miss before the first has an answer, and the database is asked the same question a
 * hundred times at once: a stampede, or dogpile. The slower the question, the more readers miss meanwhile, and the more
 * there is to do. A cache that keeps a database small makes it fall over when the cache is empty.
 *
 * **The right one** is `src/patterns/cache/cache-aside.ts`: readers that miss together share one load (single flight), and the
 * entries' times to live are spread, so that many of them do not end together.
 */
export const withoutSingleFlight: typeof cacheAside = ({ cache, key, ttl, load }) => ({
  async read() {
    const found = await cache.read(key)
    if (found.hit) return { value: found.value, outcome: 'hit', ttlMs: found.ttlMs, loadMs: 0 }
    const start = performance.now()
    const value = await load()
    const loadMs = performance.now() - start
    const stored = await cache.store(key, value, ttl * 1000, found.generation)
    return { value, outcome: stored ? 'stored' : 'not-stored', ttlMs: stored ? ttl * 1000 : 0, loadMs }
  },
  invalidate: () => cache.invalidate(key),
})

export default {
  parts: { productList: (options) => productList({ ...options, aside: withoutSingleFlight }) },
} satisfies Modification
