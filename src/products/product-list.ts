import type { Cache } from '../cache/cache.ts'
import { type CacheAside, cacheAside } from '../cache/cache-aside.ts'
import type { Db } from '../db/database.ts'
import { etagOf } from '../etag.ts'
import { listProducts } from './products.queries.ts'

/** The one cached key: the whole catalogue. */
export const PRODUCTS_KEY = 'products:all'

interface ListOptions {
  db: Db
  cache: Cache
  ttl: number
  /** How cache and database are put together; the lab passes naive ways. */
  aside?: typeof cacheAside
}

/**
 * The whole catalogue through the cache. What is cached is the finished JSON with its entity tag in front, so that a hit
 * is answered without parsing 100 products to write them out again.
 */
export function productList(options: ListOptions): CacheAside {
  const { db, cache, ttl, aside = cacheAside } = options
  const load = async () => {
    const products = JSON.stringify(await listProducts(db))
    return `{"etag":${JSON.stringify(etagOf(products))},"products":${products}}`
  }
  return aside({ cache, key: PRODUCTS_KEY, ttl, load })
}

const TAG_START = '{"etag":'.length
const AFTER_TAG = ',"products":'

/** Takes a cached list apart into the entity tag and the JSON of its products, as `productList` put it together. */
export function splitList(cached: string): { etag: string; products: string } {
  const tagEnd = cached.indexOf(AFTER_TAG)
  return {
    etag: JSON.parse(cached.slice(TAG_START, tagEnd)) as string,
    products: cached.slice(tagEnd + AFTER_TAG.length, -1),
  }
}
