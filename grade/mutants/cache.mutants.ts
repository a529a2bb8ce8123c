import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import noSingleFlight from '../../naive/no-single-flight.ts'
import type { Cache } from '../../src/patterns/cache/cache.ts'
import { productList } from '../../src/products/product-list.ts'
import { type Mutant, onAnswer } from './mutant.ts'

/** The real list on a cache that is changed. */
const withCache =
  (change: (cache: Cache) => Partial<Cache>): typeof productList =>
  (options) =>
    productList({ ...options, cache: { ...options.cache, ...change(options.cache) } })

/** The real list with another way to invalidate. */
const invalidating =
  (invalidate: (real: () => Promise<void>) => Promise<void>): typeof productList =>
  (options) => {
    const list = productList(options)
    return { ...list, invalidate: () => invalidate(list.invalidate) }
  }

const method = new AsyncLocalStorage<string>()

export const cacheMutants: Record<string, Mutant> = {
  'ttl-forgotten': {
    defect: 'the cached list lives for an hour',
    loses: ['cache.ttl'],
    with: ['slow'],
    env: { CACHE_TTL: '3600' },
  },
  'ttl-short': {
    defect: 'the cached list lives for ten seconds',
    loses: ['cache.ttl'],
    with: ['slow'],
    env: { CACHE_TTL: '10' },
  },
  'never-stored': {
    defect: 'the list is never stored',
    loses: ['cache.hit', 'cache.shown'],
    parts: { productList: withCache(() => ({ store: async () => false })) },
  },
  'post-forgets': {
    defect: 'POST does not invalidate',
    loses: ['contract.etag', 'cache.miss', 'cache.own-write', 'cache.shown', 'cache.stale-race'],
    parts: { productList: invalidating(async (real) => (method.getStore() === 'POST' ? undefined : real())) },
    hook: (app) => app.addHook('onRequest', (request, _, done) => method.run(request.method, done)),
  },
  'patch-forgets': {
    defect: 'PATCH does not invalidate',
    loses: ['cache.changes'],
    parts: {
      productList: invalidating(async (real) => (method.getStore() === 'PATCH' ? undefined : real())),
    },
    hook: (app) => app.addHook('onRequest', (request, _, done) => method.run(request.method, done)),
  },
  'worker-forgets': {
    defect: 'the worker takes stock and does not invalidate',
    loses: ['stock.listed'],
    parts: (_, { role }) => ({
      productList: invalidating(async (real) => (role === 'worker' ? undefined : real())),
    }),
  },
  'no-fence': {
    defect: 'a reader stores what it has read, whatever was invalidated meanwhile',
    loses: ['cache.stale-race'],
    parts: {
      productList: withCache((cache) => ({
        async store(key, value, ttlMs) {
          await sleep(2) // so slow a reader is
          const now = await cache.read(key)
          return now.hit || cache.store(key, value, ttlMs, now.generation)
        },
      })),
    },
  },
  'no-single-flight': {
    defect: 'each reader that misses makes a query of its own',
    loses: ['cache.stampede'],
    ...noSingleFlight,
  },
  'always-from-cache': {
    defect: 'from_cache is true, whatever happened',
    loses: ['cache.miss'],
    hook: onAnswer('/products/', (text) => text.replace('"from_cache":false', '"from_cache":true')),
  },
  microseconds: {
    defect: 'processing_time_ms counts microseconds',
    loses: ['cache.time'],
    hook: onAnswer('/products/', (text) =>
      text.replace(/(?<="processing_time_ms":)[\d.]+/, (ms) => `${Number(ms) * 1000}`),
    ),
  },
  'cache-hidden': {
    defect: 'GET /cache shows keys without what they hold',
    loses: ['cache.shown'],
    hook: onAnswer('/cache', () => '{"store":"redis","message":"1 entry","entries":[]}'),
  },
}
