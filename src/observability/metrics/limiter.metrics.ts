import { Counter } from 'prom-client'
import type { Limiter } from '../../patterns/rate-limit/limiter.ts'
import type { Registry } from './registry.ts'

/** The same limiter, whose decisions are counted; those made by this process alone, with Redis away, apart. */
export function countDecisions(limiter: Limiter, registry: Registry): Limiter {
  const decisions = new Counter({
    name: 'shop_rate_limit_decisions_total',
    help: 'Requests allowed or denied by the rate limit; fallback="true" where Redis was away and the process counted alone.',
    labelNames: ['decision', 'fallback'],
    registers: [registry],
  })
  for (const decision of ['allowed', 'denied'])
    for (const fallback of ['false', 'true']) decisions.inc({ decision, fallback }, 0)

  return {
    async take(key) {
      const taken = await limiter.take(key)
      decisions.inc({ decision: taken.allowed ? 'allowed' : 'denied', fallback: String(taken.fallback ?? false) })
      return taken
    },
  }
}
