import { setTimeout as sleep } from 'node:timers/promises'
import type { Decision, Limiter } from '../../src/patterns/rate-limit/limiter.ts'
import { memoryLimiter } from '../../src/patterns/rate-limit/memory-limiter.ts'
import { rateLimit } from '../../src/patterns/rate-limit/rate-limit.ts'
import { type Mutant, onAnswer, onRoute } from './mutant.ts'

const limit = { quota: 10, windowMs: 60_000 }

/** Another limiter where the real one is: its limit is off, and this one's is on. */
function limitedBy(limiter: Limiter): Pick<Mutant, 'env' | 'hook'> {
  return { env: { RATE_LIMIT: 'off' }, hook: (app) => rateLimit(app, limiter, limit) }
}

/** The real one with another key; a key is `GET /products/:127.0.0.1`. */
function keyedBy(change: (key: string) => string): Limiter {
  const real = memoryLimiter(limit)
  return { take: (key) => real.take(change(key)) }
}

/** Counts from the first request on, and starts anew a minute later. */
function fixedWindow(): Limiter {
  const windows = new Map<string, { count: number; ends: number }>()
  return {
    async take(key) {
      const now = performance.now()
      const found = windows.get(key)
      const window = found && found.ends > now ? found : { count: 0, ends: now + limit.windowMs }
      windows.set(key, window)
      window.count += 1
      const remaining = Math.max(0, limit.quota - window.count)
      return { allowed: window.count <= limit.quota, remaining, resetMs: window.ends - now }
    },
  }
}

/** Ten tokens, and one more every six seconds. */
function tokenBucket(): Limiter {
  const buckets = new Map<string, { tokens: number; at: number }>()
  const every = limit.windowMs / limit.quota
  return {
    async take(key) {
      const now = performance.now()
      const { tokens: before, at } = buckets.get(key) ?? { tokens: limit.quota, at: now }
      const filled = Math.min(limit.quota, before + (now - at) / every)
      const allowed = filled >= 1
      const tokens = allowed ? filled - 1 : filled
      buckets.set(key, { tokens, at: now })
      return { allowed, remaining: Math.floor(tokens), resetMs: (1 - (tokens % 1)) * every }
    },
  }
}

/** Reads the count, waits for the store, and writes one more. */
function readThenWrite(): Limiter {
  const counts = new Map<string, number>()
  return {
    async take(key): Promise<Decision> {
      const count = counts.get(key) ?? 0
      await sleep(1)
      const allowed = count < limit.quota
      if (allowed) counts.set(key, count + 1)
      return { allowed, remaining: limit.quota - count - (allowed ? 1 : 0), resetMs: limit.windowMs }
    },
  }
}

export const limitMutants: Record<string, Mutant> = {
  'twelve-a-minute': {
    defect: 'admits twelve a minute',
    loses: ['limit.refuses', 'limit.at-once'],
    env: { RATE_LIMIT: '12/minute' },
  },
  'believes-anybody': {
    defect: 'takes X-Forwarded-For from any client',
    loses: ['limit.forged'],
    env: { TRUST_PROXY: '1' },
  },
  'unlimited-orders': {
    defect: 'POST /orders/ was forgotten by the limit',
    loses: ['limit.endpoints'],
    ...limitedBy(keyedBy((key) => (key.startsWith('POST /orders/') ? `${key} ${Math.random()}` : key))),
  },
  'limited-health': {
    defect: 'health is limited, too',
    loses: ['health.unlimited'],
    hook: onRoute(
      ({ url }) => url.startsWith('/health'),
      (route) => (route.config = {}),
    ),
  },
  'no-retry-after': {
    defect: 'the 429 does not say when to come back',
    loses: ['limit.retry-after'],
    hook: onAnswer(/./, (_, reply) => void (reply.statusCode === 429 && reply.removeHeader('retry-after'))),
  },
  'too-early': {
    defect: 'Retry-After is always one second',
    loses: ['limit.recovers'],
    with: ['slow'],
    hook: onAnswer(/./, (_, reply) => void (reply.statusCode === 429 && reply.header('retry-after', '1'))),
  },
  'no-limit-headers': {
    defect: 'does not tell how many requests are left',
    loses: ['limit.headers'],
    hook: onAnswer(/./, (_, reply) => {
      for (const name of ['ratelimit', 'x-ratelimit-remaining']) reply.removeHeader(name)
      return undefined
    }),
  },
  'counts-networks': {
    defect: 'counts all addresses of a /24 as one client',
    loses: ['limit.own-address'],
    ...limitedBy(keyedBy((key) => key.replace(/\.\d+$/, '.0/24'))),
  },
  'one-count': {
    defect: 'one count for all endpoints',
    loses: ['limit.own-count'],
    ...limitedBy(keyedBy((key) => key.replace(/^.*:/, ''))),
  },
  'racy-count': {
    defect: 'reads the count, then writes it',
    loses: ['limit.at-once'],
    ...limitedBy(readThenWrite()),
  },
  'fixed-window': {
    defect: 'a fixed window, whose edge lets twenty through',
    loses: ['limit.any-minute'],
    with: ['slow'],
    ...limitedBy(fixedWindow()),
  },
  'token-bucket': {
    defect: 'a token bucket, which lets nineteen through in its first minute',
    loses: ['limit.any-minute'],
    with: ['slow'],
    ...limitedBy(tokenBucket()),
  },
}
