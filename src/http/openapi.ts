import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { RouteOptions } from 'fastify'
import type { TSchema } from 'typebox'
import { Problem } from './errors.ts'
import { DOCS_POLICY } from './security-headers.ts'
import type { App } from './validation.ts'

/** Routes beside the shop's own, as the document and `GET /` tell of them. */
export interface Mount {
  /** What `GET /` calls them; also their tag in the document. */
  name: string
  /** Where they begin, as `/docs`. */
  path: string
  description: string
}

interface Described {
  $id?: string
  description?: string
}

/**
 * The OpenAPI 3.1 document at `/openapi.json`, made from the schemas that requests are checked against, and Swagger UI
 * at `/docs`, from this server alone. To be registered before the routes it describes.
 * @param options.guarded whether routes for administration need the admin token
 */
export async function docs(
  app: App,
  { version, guarded, extensions }: { version: string; guarded: boolean; extensions: readonly Mount[] },
): Promise<void> {
  app.addSchema(Problem)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Mini E-Commerce API',
        version,
        description:
          'Products, customers and orders, made to practise distributed-system patterns: health endpoint monitoring, rate limiting, cache-aside, queue-based load leveling.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      tags: [
        { name: 'products', description: 'The catalogue, read through the cache' },
        { name: 'customers', description: 'Who orders' },
        { name: 'orders', description: 'Accepted at once, processed by the worker' },
        { name: 'cache', description: 'What is cached' },
        { name: 'health', description: 'Health endpoint monitoring' },
        { name: 'metrics', description: 'For Prometheus' },
        ...extensions.map(({ name, description }) => ({ name, description })),
      ],
      ...(guarded && { components: { securitySchemes: { adminToken } } }),
    },
    refResolver: { buildLocalReference: (json, _, __, index) => (json as Described).$id ?? `def-${index}` },
  })
  app.addHook('onRoute', documentErrors)
  if (guarded) app.addHook('onRoute', documentAdminToken)
  await app.register(async (page: App) => {
    page.addHook('onRoute', (route) => {
      route.config = { ...route.config, unlimited: true }
    })
    await page.register(swaggerUi, {
      routePrefix: '/docs',
      uiConfig: { deepLinking: true, tryItOutEnabled: true },
      staticCSP: DOCS_POLICY,
      theme: { title: 'Mini E-Commerce API' },
    })
  })
  app.get('/openapi.json', { config: { unlimited: true }, schema: { hide: true } }, async () => app.swagger())
}

export const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
})

/** Adds to a route's documented answers the errors that its schema and the limit make possible. */
function documentErrors(route: RouteOptions): void {
  const { schema } = route
  if (!schema || schema.hide) return
  const own = schema.response as Record<string, TSchema>
  const byId = route.url.includes('/:')
  const patch = route.method === 'PATCH' || route.method === 'DELETE'
  schema.response = {
    ...own,
    400: problem('Malformed request'),
    ...(byId ? { 404: problem('Nothing has this id') } : {}),
    ...(patch || (route.method === 'POST' && !byId) ? { 409: problem('In conflict with what is there') } : {}),
    ...(schema.headers && patch ? { 412: problem('Not the version that If-Match names') } : {}),
    ...(schema.body === undefined
      ? {}
      : { 408: problem('The body did not arrive in time'), 413: problem('The body is too large') }),
    415: problem('The body is not application/json'),
    422: problem('Well-formed, but not valid'),
    ...(route.config?.unlimited ? {} : { 429: problem('Over the limit; `Retry-After` says when to return') }),
    500: problem('A fault on our side'),
    ...(own?.[503]
      ? {}
      : { 503: problem('A part is away, or more is asked than can be answered; try again after `Retry-After`') }),
  }
}

const adminToken = {
  type: 'http',
  scheme: 'bearer',
  description: 'The ADMIN_TOKEN of this shop. Whoever shops needs none.',
} as const

/** Says of a route for administration that it needs the token. */
function documentAdminToken({ config, schema }: RouteOptions): void {
  if (!config?.admin || !schema || schema.hide) return
  schema.security = [{ adminToken: [] }]
  schema.response = { ...(schema.response as object), 401: problem('Without the ADMIN_TOKEN') }
}
