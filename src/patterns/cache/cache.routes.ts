import Type from 'typebox'
import { ProblemError } from '../../http/errors.ts'
import type { App } from '../../http/validation.ts'
import type { Cache } from './cache.ts'

const Cached = Type.Object(
  {
    store: Type.String({ description: 'Where the cache lives: `redis` or `memory`' }),
    message: Type.String(),
    entries: Type.Array(
      Type.Object({ key: Type.String(), ttl: Type.Integer({ description: 'Seconds left' }), value: Type.Unknown() }),
    ),
  },
  {
    examples: [
      { store: 'redis', message: '1 entry', entries: [{ key: 'products:all', ttl: 42, value: { products: [] } }] },
    ],
  },
)

/** `GET /cache`: what is cached now, to watch cache-aside at work. */
export async function cacheRoutes(app: App, { cache, store }: { cache: Cache; store: 'redis' | 'memory' }) {
  app.get(
    '/cache',
    {
      config: { admin: true },
      schema: {
        operationId: 'getCache',
        tags: ['cache'],
        summary: 'What is cached',
        description: 'Keys, seconds left and values, to watch cache-aside at work.',
        response: { 200: Cached },
      },
    },
    async () => {
      const entries = await cache.entries().catch((cause) => {
        throw new ProblemError(503, 'cache_unavailable', 'The cache cannot be reached; reads go to the database.', {
          headers: { 'retry-after': '1' },
          cause,
        })
      })
      const message =
        entries.length === 0 ? 'The cache is empty.' : `${entries.length} entr${entries.length === 1 ? 'y' : 'ies'}`
      return {
        store,
        message,
        entries: entries.map((entry) => ({ ...entry, value: JSON.parse(entry.value) as unknown })),
      }
    },
  )
}
