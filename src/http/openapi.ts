import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { RouteOptions } from 'fastify'
import { type ProblemStatus, problems } from './problem.ts'
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
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Mini E-Commerce API',
        version,
        description:
          'Products, customers and orders, made to practise distributed-system patterns: health endpoint monitoring, rate limiting, cache-aside, queue-based load leveling.',
        license: { name: 'MIT', identifier: 'MIT' },
        contact: { name: 'The maintainers of the Mini E-Commerce API' },
      },
      servers: [{ url: '/', description: 'This server' }],
      security: [],
      tags: [
        { name: 'home', description: 'Where everything is' },
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

/** Adds to a route's documented answers the errors that any route like it can have; its own it names itself. */
function documentErrors({ method, config, schema }: RouteOptions): void {
  if (!schema || schema.hide) return
  const readsBody = method !== 'GET' && method !== 'HEAD'
  const statuses: ProblemStatus[] = [431, 500, 503]
  if (schema.params) statuses.push(400, 414)
  if (readsBody) statuses.push(400, 408, 413, 415)
  if (schema.params || schema.querystring || schema.body) statuses.push(422)
  if (!config?.unlimited) statuses.push(429)
  schema.response = { ...problems(...statuses), ...(schema.response as object) }
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
  schema.response = { ...(schema.response as object), ...problems(401) }
}
