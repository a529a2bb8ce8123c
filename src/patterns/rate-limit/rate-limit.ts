import { ProblemError } from '../../http/errors.ts'
import type { App } from '../../http/validation.ts'
import { clientAddress } from './client-address.ts'
import type { Limiter, Quota } from './limiter.ts'

/**
 * Limits each client address to `quota` requests for each endpoint (method and route; HEAD counts as GET). The limit comes
 * before all other work on a request. Routes with `config: { unlimited: true }` have none.
 * Headers: draft-ietf-httpapi-ratelimit-headers-10 and the older `X-RateLimit-*`.
 */
export function rateLimit(app: App, limiter: Limiter, { quota, windowMs }: Quota): void {
  const policy = `"default";q=${quota};w=${windowMs / 1000}`

  app.addHook('onRequest', async (request, reply) => {
    const { config, url = '' } = request.routeOptions
    if (config.unlimited || request.is404) return
    const endpoint = `${request.method === 'HEAD' ? 'GET' : request.method} ${url}`
    const { allowed, remaining, resetMs } = await limiter.take(`${endpoint}:${clientAddress(request.ip)}`)
    const reset = Math.max(1, Math.ceil(resetMs / 1000))
    reply.headers({
      'ratelimit-policy': policy,
      ratelimit: `"default";r=${remaining};t=${reset}`,
      'x-ratelimit-limit': quota,
      'x-ratelimit-remaining': remaining,
      'x-ratelimit-reset': reset,
    })
    if (!allowed) {
      throw new ProblemError(
        429,
        'rate_limited',
        `Over ${quota} requests in ${windowMs / 1000} s to ${endpoint}; one more is admitted in ${reset} s.`,
        {
          type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
          headers: { 'retry-after': String(reset) },
        },
      )
    }
  })
}
