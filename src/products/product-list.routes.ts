import Type from 'typebox'
import type { Db } from '../db/database.ts'
import { matchesEtag } from '../http/etag.ts'
import { nextLink, PageQuery } from '../http/pagination.ts'
import { type App, NoBody } from '../http/validation.ts'
import type { CacheAside, Outcome } from '../patterns/cache/cache-aside.ts'
import { exampleProduct, Product } from './product.ts'
import { type ListParts, listParts, listSplitter } from './product-list.ts'
import { pageOfProducts } from './products.queries.ts'

const ProductList = Type.Object(
  {
    from_cache: Type.Boolean(),
    processing_time_ms: Type.Number(),
    products: Type.Array(Product),
  },
  { examples: [{ from_cache: true, processing_time_ms: 0.41, products: [exampleProduct] }] },
)

/** RFC 9211, for a cache called `products`. */
const cacheStatus: Record<Outcome, (ttlMs: number) => string> = {
  hit: (ttlMs) => `products; hit; ttl=${Math.ceil(ttlMs / 1000)}`,
  stored: () => 'products; fwd=miss; stored',
  'not-stored': () => 'products; fwd=miss; stored=?0',
  collapsed: () => 'products; fwd=miss; collapsed',
  unavailable: () => 'products; fwd=bypass; detail=unavailable',
}

/** A list that was read, from wherever. */
interface Found {
  parts: ListParts
  fromCache: boolean
  loadMs: number
  headers: Record<string, string>
}

/** `GET /products/`: the whole catalogue through the cache, or a page of it from the database. */
export function listProductsRoute(app: App, { db, list }: { db: Db; list: CacheAside }): void {
  const split = listSplitter()
  const schema = {
    operationId: 'listProducts',
    tags: ['products'],
    summary: 'The catalogue: all of it from the cache, or a page of it from the database',
    description:
      'Without `limit` and `after` the whole catalogue; `Cache-Status` says whether it came from the cache. The ETag is weak, since two fields differ from answer to answer.',
    querystring: PageQuery,
    // What comes from the cache is JSON already, and is sent as it is.
    response: { 200: Type.Unsafe<Buffer>(ProductList), 304: NoBody('Not modified') },
  }
  app.get('/products/', { schema }, async ({ query, headers }, reply) => {
    const start = performance.now()
    const isPage = query.limit !== undefined || query.after !== undefined
    const found = isPage ? await readPage(query) : await readAll()
    const { etag, products } = found.parts
    const elapsed = performance.now() - start
    reply.headers({
      'cache-control': 'no-cache',
      ...found.headers,
      etag,
      'server-timing': `cache;dur=${(elapsed - found.loadMs).toFixed(2)}, db;dur=${found.loadMs.toFixed(2)}`,
    })
    if (matchesEtag(headers['if-none-match'], etag)) return reply.code(304).send()
    // Only the two fields that differ from answer to answer are put in front of what is kept.
    const head = `{"from_cache":${found.fromCache},"processing_time_ms":${elapsed.toFixed(3)},"products":`
    return reply.type('application/json; charset=utf-8').send(Buffer.concat([Buffer.from(head), products]))
  })

  async function readAll(): Promise<Found> {
    const { value, outcome, ttlMs, loadMs } = await list.read()
    const headers = { 'cache-status': cacheStatus[outcome](ttlMs) }
    return { parts: split(value), fromCache: outcome === 'hit', loadMs, headers }
  }

  async function readPage(query: PageQuery): Promise<Found> {
    const start = performance.now()
    const rows = await pageOfProducts(db, query)
    const headers = { 'cache-status': 'products; fwd=bypass', ...nextLink('/products/', query, rows) }
    return { parts: listParts(rows), fromCache: false, loadMs: performance.now() - start, headers }
  }
}
