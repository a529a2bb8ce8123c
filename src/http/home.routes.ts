import Type from 'typebox'
import type { Mount } from './openapi.ts'
import type { App } from './validation.ts'

const Home = Type.Object(
  {
    name: Type.String(),
    version: Type.String(),
    docs: Type.String(),
    openapi: Type.String(),
    health: Type.String(),
    components: Type.Record(Type.String(), Type.String()),
  },
  {
    additionalProperties: Type.String({ description: 'Where an extension of this shop is' }),
    examples: [
      {
        name: 'Mini E-Commerce API',
        version: '0.1.0',
        docs: '/docs',
        openapi: '/openapi.json',
        health: '/health',
        components: { products: '/products/', customers: '/customers/', orders: '/orders/' },
      },
    ],
  },
)

/** `GET /`: where everything is. */
export async function homeRoutes(app: App, options: { version: string; extensions: readonly Mount[] }) {
  const { version, extensions } = options
  const schema = {
    operationId: 'getHome',
    tags: ['home'],
    summary: 'Where everything is',
    description: 'The paths of the documentation, of health, and of each component.',
    response: { 200: Home },
  }
  app.get('/', { schema }, async () => ({
    name: 'Mini E-Commerce API',
    version,
    docs: '/docs',
    openapi: '/openapi.json',
    health: '/health',
    ...Object.fromEntries(extensions.map(({ name, path }) => [name, path])),
    components: { products: '/products/', customers: '/customers/', orders: '/orders/' },
  }))
}
