import type { Db } from '../db/database.ts'
import { etagOf, weakened } from '../http/etag.ts'
import type { Cache } from '../patterns/cache/cache.ts'
import { type CacheAside, cacheAside } from '../patterns/cache/cache-aside.ts'
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
    return `{"etag":${JSON.stringify(listTag(products))},"products":${products}}`
  }
  return aside({ cache, key: PRODUCTS_KEY, ttl, load })
}

/** Weak: answers with the same products differ in what they say of the cache and of time. */
const listTag = (products: string) => weakened(etagOf(products))

const TAG_START = '{"etag":'.length
const AFTER_TAG = ',"products":'

/** A list ready to be sent. */
export interface ListParts {
  etag: string
  /** The JSON of its products, and the brace that ends an answer whose last field they are. */
  products: Buffer
}

/** Products from the database, ready to be sent. */
export function listParts(rows: object[]): ListParts {
  const products = JSON.stringify(rows)
  return { etag: listTag(products), products: Buffer.from(`${products}}`) }
}

/**
 * Takes cached lists apart into what `productList` put together. The last one is remembered, because nearly every hit is
 * the text of the hit before.
 */
export function listSplitter(): (cached: string) => ListParts {
  let last: string | undefined
  let parts: ListParts
  return (cached) => {
    if (cached === last) return parts
    const tagEnd = cached.indexOf(AFTER_TAG)
    parts = {
      etag: JSON.parse(cached.slice(TAG_START, tagEnd)) as string,
      products: Buffer.from(cached.slice(tagEnd + AFTER_TAG.length)),
    }
    last = cached
    return parts
  }
}
