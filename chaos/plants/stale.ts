import { memoryCache } from '../../src/patterns/cache/memory-cache.ts'
import { productList } from '../../src/products/product-list.ts'

/** Each process caches for itself: fast, right with one process, and blind to what another one invalidates. */
export const perProcessList: typeof productList = (options) => productList({ ...options, cache: memoryCache() })
