import type { cacheAside } from '../src/patterns/cache/cache-aside.ts'
import { productList } from '../src/products/product-list.ts'
import type { Modification } from '../support/modified-shop.ts'

/**
 * **The problem.** A price changes while somebody reads the catalogue. Once the change is acknowledged, nobody may be
 * shown the old price.
 *
 * **What this does.** It invalidates after each write, and a reader that misses stores what it read: the textbook.
 *
 * ```
 * reader   misses, reads the old price …                                  … stores the old price
 * writer                                  changes it, commits, invalidates
 * ```
 *
 * **What goes wrong.** The reader was slow, and puts back what the writer has just removed. From then on every reader
 * gets the old price, from the cache, for a whole time to live. Nothing failed, nothing is logged, and it takes one slow
 * answer. To ask for the generation again before storing, as here, looks like a check and is none: it proves that nothing
 * has changed since a moment ago, not since the rows were read.
 *
 * **The right one** is `src/patterns/cache/cache-aside.ts`: the reader gets the generation when it misses, *before* it reads the
 * rows, and may store only while that one still stands. Every invalidation begins a new one.
 */
export const withoutFence: typeof cacheAside = ({ cache, key, ttl, load }) => ({
  async read() {
    const found = await cache.read(key)
    if (found.hit) return { value: found.value, outcome: 'hit', ttlMs: found.ttlMs, loadMs: 0 }
    const start = performance.now()
    const value = await load()
    const loadMs = performance.now() - start
    const again = await cache.read(key)
    if (!again.hit) await cache.store(key, value, ttl * 1000, again.generation)
    return { value, outcome: 'stored', ttlMs: ttl * 1000, loadMs }
  },
  invalidate: () => cache.invalidate(key),
})

export default {
  parts: { productList: (options) => productList({ ...options, aside: withoutFence }) },
} satisfies Modification
