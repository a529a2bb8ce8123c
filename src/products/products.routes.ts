import Type from 'typebox'
import type { Db } from '../db/database.ts'
import { notFound, ProblemError } from '../http/errors.ts'
import { matchesEtag } from '../http/etag.ts'
import { problems } from '../http/problem.ts'
import { type App, IdParams, NoBody } from '../http/validation.ts'
import type { CacheAside } from '../patterns/cache/cache-aside.ts'
import { NewProduct, Product, ProductChange } from './product.ts'
import { listProductsRoute } from './product-list.routes.ts'
import { deleteProduct, findProduct, insertProduct, updateProduct } from './products.queries.ts'

interface Parts {
  db: Db
  list: CacheAside
}

export async function productRoutes(app: App, parts: Parts): Promise<void> {
  listProductsRoute(app, parts)
  addProductRoute(app, parts)
  getProductRoute(app, parts)
  changeProductRoute(app, parts)
  removeProductRoute(app, parts)
}

const tags = ['products']

const IfMatch = Type.Object({
  'if-match': Type.Optional(
    Type.String({ description: 'The ETag that the product must still have; several, or `*` for any' }),
  ),
})

function addProductRoute(app: App, { db, list }: Parts): void {
  const schema = {
    operationId: 'addProduct',
    tags,
    summary: 'Add a product',
    description: 'The next list has it: the cache is invalidated before the answer is sent.',
    body: NewProduct,
    response: { 201: Product },
  }
  app.post('/products/', { config: { admin: true }, schema }, async (request, reply) => {
    const product = await insertProduct(db, request.body)
    await list.invalidate()
    return reply
      .code(201)
      .headers({ location: `/products/${product.id}`, ...validators(product) })
      .send(product)
  })
}

function getProductRoute(app: App, { db }: Parts): void {
  const schema = {
    operationId: 'getProduct',
    tags,
    summary: 'One product',
    description: 'From the database, with a strong ETag for `If-Match`.',
    params: IdParams,
    response: { 200: Product, 304: NoBody('Not modified'), ...problems(404) },
  }
  app.get('/products/:id', { schema }, async (request, reply) => {
    const { id } = request.params
    const product = await findProduct(db, id)
    if (!product) throw notFound('product', id)
    const headers = validators(product)
    reply.headers(headers)
    if (matchesEtag(request.headers['if-none-match'], headers.etag)) return reply.code(304).send()
    return reply.send(product)
  })
}

function changeProductRoute(app: App, { db, list }: Parts): void {
  const schema = {
    operationId: 'changeProduct',
    tags,
    summary: 'Change a product; with If-Match only if nobody else has meanwhile',
    description: 'Fields that are not sent stay as they are. `If-Match` prevents lost updates.',
    params: IdParams,
    headers: IfMatch,
    body: ProductChange,
    response: { 200: Product, ...problems(404, 412) },
  }
  app.patch('/products/:id', { config: { admin: true }, schema }, async (request, reply) => {
    const { id } = request.params
    const versions = expectedVersions(id, request.headers['if-match'])
    const product = await updateProduct(db, id, request.body, versions)
    if (!product) throw await whyUntouched(db, id)
    await list.invalidate()
    return reply.headers(validators(product)).send(product)
  })
}

function removeProductRoute(app: App, { db, list }: Parts): void {
  const schema = {
    operationId: 'removeProduct',
    tags,
    summary: 'Remove a product that no order refers to',
    description: '`If-Match` as for a change.',
    params: IdParams,
    headers: IfMatch,
    response: { 204: NoBody('Removed'), ...problems(404, 409, 412) },
  }
  app.delete('/products/:id', { config: { admin: true }, schema }, async (request, reply) => {
    const { id } = request.params
    const versions = expectedVersions(id, request.headers['if-match'])
    const deleted = await deleteProduct(db, id, versions).catch((error: { code?: string }) => {
      if (error.code !== '23503') throw error
      throw new ProblemError(409, 'product_in_use', `Product ${id} is part of an order and stays.`)
    })
    if (!deleted) throw await whyUntouched(db, id)
    await list.invalidate()
    return reply.code(204).send()
  })
}

/** Why a product was not there to be changed: gone, or another than `If-Match` names. */
async function whyUntouched(db: Db, id: number): Promise<ProblemError> {
  if (!(await findProduct(db, id))) return notFound('product', id)
  return new ProblemError(412, 'precondition_failed', `Product ${id} is not what If-Match names: read it again.`)
}

/**
 * A product's strong entity tag: every change of the row counts its version up. A proxy that compresses weakens a strong
 * tag, and `If-Match` never matches a weak one, so proxies are told to leave the answer as it is.
 */
const validators = ({ id, version }: { id: number; version: number }) => ({
  etag: `"${id}-${version}"`,
  'cache-control': 'no-cache, no-transform',
})

/** The versions that `If-Match` allows: undefined when it is missing, or asks with `*` for any (RFC 9110, 13.1.1). */
function expectedVersions(id: number, ifMatch = '*'): number[] | undefined {
  if (ifMatch.trim() === '*') return undefined
  const tag = new RegExp(`^"${id}-(\\d{1,9})"$`)
  return ifMatch.split(',').flatMap((part) => {
    const version = tag.exec(part.trim())?.[1]
    return version === undefined ? [] : [Number(version)]
  })
}
