import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import type { Db } from '../db/database.ts'
import { notFound, ProblemError } from '../http/errors.ts'
import { etagOf, names, sendNotModified } from '../http/etag.ts'
import { nextLink, PageQuery } from '../http/pagination.ts'
import { type App, IdParams, NoBody } from '../http/validation.ts'
import type { CacheAside, Outcome } from '../patterns/cache/cache-aside.ts'
import { exampleProduct, NewProduct, Product, ProductChange } from './product.ts'
import { listSplitter } from './product-list.ts'
import { deleteProduct, findProduct, insertProduct, pageOfProducts, updateProduct } from './products.queries.ts'

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

const tags = ['products']
const conditional = { 'cache-control': 'no-cache' }

export async function productRoutes(app: App, { db, list }: { db: Db; list: CacheAside }) {
  const split = listSplitter()

  app.get(
    '/products/',
    {
      schema: {
        tags,
        summary: 'The catalogue: all of it from the cache, or a page of it from the database',
        querystring: PageQuery,
        response: { 200: ProductList, 304: NoBody('Not modified') },
      },
    },
    async (request, reply) => {
      const start = performance.now()
      const { parts, loadMs, fromCache, cacheHeaders } =
        request.query.limit !== undefined || request.query.after !== undefined
          ? await page(request.query)
          : await whole()
      const { etag, products } = parts
      const elapsed = performance.now() - start
      const headers = {
        ...conditional,
        ...cacheHeaders,
        etag,
        'server-timing': `cache;dur=${(elapsed - loadMs).toFixed(2)}, db;dur=${loadMs.toFixed(2)}`,
      }
      if (names(request.headers['if-none-match'], etag)) return sendNotModified(reply, headers)
      // The list is JSON already; only the two fields that differ from answer to answer are put in front.
      const head = `{"from_cache":${fromCache},"processing_time_ms":${elapsed.toFixed(3)},"products":`
      return sendInParts(reply.headers(headers).type('application/json; charset=utf-8'), head, products)
    },
  )

  async function whole() {
    const { value, outcome, ttlMs, loadMs } = await list.read()
    const cacheHeaders = { 'cache-status': cacheStatus[outcome](ttlMs) }
    return { parts: split(value), loadMs, fromCache: outcome === 'hit', cacheHeaders }
  }

  async function page(query: PageQuery) {
    const start = performance.now()
    const rows = await pageOfProducts(db, query)
    const products = JSON.stringify(rows)
    const cacheHeaders = { 'cache-status': 'products; fwd=bypass', ...nextLink('/products/', query, rows) }
    const parts = { etag: etagOf(products), products: Buffer.from(`${products}}`) }
    return { parts, loadMs: performance.now() - start, fromCache: false, cacheHeaders }
  }

  app.post(
    '/products/',
    {
      config: { admin: true },
      schema: { tags, summary: 'Add a product', body: NewProduct, response: { 201: Product } },
    },
    async (request, reply) => {
      const product = await insertProduct(db, request.body)
      await list.invalidate()
      return reply
        .code(201)
        .headers({ location: `/products/${product.id}`, etag: tagOf(product) })
        .send(product as never)
    },
  )

  app.get(
    '/products/:id',
    {
      schema: {
        tags,
        summary: 'One product',
        params: IdParams,
        response: { 200: Product, 304: NoBody('Not modified') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const product = await findProduct(db, id)
      if (!product) throw notFound('product', id)
      const headers = { ...conditional, etag: tagOf(product) }
      if (names(request.headers['if-none-match'], headers.etag)) return sendNotModified(reply, headers)
      return reply.headers(headers).send(product as never)
    },
  )

  app.patch(
    '/products/:id',
    {
      config: { admin: true },
      schema: {
        tags,
        summary: 'Change a product; with If-Match only if nobody else has meanwhile',
        params: IdParams,
        headers: IfMatch,
        body: ProductChange,
        response: { 200: Product },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const versions = expectedVersions(id, request.headers['if-match'])
      const product = await updateProduct(db, id, request.body, versions)
      if (!product) throw await absent(id)
      await list.invalidate()
      return reply.header('etag', tagOf(product)).send(product as never)
    },
  )

  app.delete(
    '/products/:id',
    {
      config: { admin: true },
      schema: {
        tags,
        summary: 'Remove a product that no order refers to',
        params: IdParams,
        headers: IfMatch,
        response: { 204: NoBody('Removed') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const versions = expectedVersions(id, request.headers['if-match'])
      const deleted = await deleteProduct(db, id, versions).catch((error: { code?: string }) => {
        if (error.code !== '23503') throw error
        throw new ProblemError(409, 'product_in_use', `Product ${id} is part of an order and stays.`)
      })
      if (!deleted) throw await absent(id)
      await list.invalidate()
      return reply.code(204).send(undefined)
    },
  )

  /** Why a product was not there to be changed: gone, or another than `If-Match` names. */
  async function absent(id: number): Promise<ProblemError> {
    if (!(await findProduct(db, id))) return notFound('product', id)
    return new ProblemError(412, 'precondition_failed', `Product ${id} is not what If-Match names: read it again.`)
  }
}

const IfMatch = Type.Object({
  'if-match': Type.Optional(
    Type.String({ description: 'The ETag that the product must still have; several, or `*` for any' }),
  ),
})

/** A product's strong entity tag: every change of the row counts its version up. */
const tagOf = ({ id, version }: { id: number; version: number }) => `"${id}-${version}"`

/** The versions that `If-Match` allows: undefined when it is missing, or asks with `*` for any (RFC 9110, 13.1.1). */
function expectedVersions(id: number, ifMatch = '*'): number[] | undefined {
  if (ifMatch.trim() === '*') return undefined
  const tag = new RegExp(`^"${id}-(\\d{1,9})"$`)
  return ifMatch.split(',').flatMap((part) => Number(tag.exec(part.trim())?.[1] ?? []))
}

/**
 * Answers with bytes that are kept, and a few ASCII characters before them, in one write and without a copy. Fastify sends
 * one string or buffer, which would have to be made for each answer: a tenth of what a cached list costs.
 */
function sendInParts(reply: FastifyReply, head: string, rest: Buffer): FastifyReply {
  const { statusCode, raw, sent } = reply
  if (sent) return reply // it took too long
  const headers = reply.getHeaders() as OutgoingHttpHeaders
  raw.writeHead(statusCode, { ...headers, 'content-length': head.length + rest.length })
  reply.hijack()
  raw.write(head, 'latin1')
  raw.end(rest)
  return reply
}
