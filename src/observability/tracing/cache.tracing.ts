import type { CacheAside } from '../../patterns/cache/cache-aside.ts'
import type { Tracing } from './tracing.ts'

/** The same cache-aside, with a span for each read and each invalidation. */
export function traceCache(list: CacheAside, tracing: Tracing): CacheAside {
  return {
    read: () =>
      tracing.span('cache read', {}, async (span) => {
        const found = await list.read()
        span.setAttribute('shop.cache.outcome', found.outcome)
        return found
      }),
    invalidate: () => tracing.span('cache invalidate', {}, () => list.invalidate()),
  }
}
