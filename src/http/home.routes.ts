import Type from 'typebox'
import type { App } from './validation.ts'

const Home = Type.Object(
  {
    name: Type.String(),
    version: Type.String(),
    docs: Type.String(),
    openapi: Type.String(),
    health: Type.String(),
    lab: Type.Optional(Type.String({ description: 'On the machine itself, unless LAB=off' })),
    components: Type.Record(Type.String(), Type.String()),
  },
  {
    examples: [
      {
        name: 'Mini E-Commerce API',
        version: '0.1.0',
        docs: '/docs',
        openapi: '/openapi.json',
        health: '/health',
        lab: '/lab',
        components: { products: '/products/', customers: '/customers/', orders: '/orders/' },
      },
    ],
  },
)

/** `GET /`: where everything is. */
export async function homeRoutes(app: App, { version, lab }: { version: string; lab: boolean }) {
  app.get('/', { schema: { tags: ['home'], summary: 'Where everything is', response: { 200: Home } } }, async () => ({
    name: 'Mini E-Commerce API',
    version,
    docs: '/docs',
    openapi: '/openapi.json',
    health: '/health',
    ...(lab && { lab: '/lab' }),
    components: { products: '/products/', customers: '/customers/', orders: '/orders/' },
  }))
}
