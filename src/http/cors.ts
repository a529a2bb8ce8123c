import type { App } from './validation.ts'

/** What a page may read beside the few headers that every page may (Fetch Standard, CORS-safelisted response headers). */
const EXPOSED =
  'ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Idempotent-Replayed, Preference-Applied, Cache-Status, Server-Timing'
/** What a page may send beside the few that every page may. */
const ALLOWED =
  'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, X-Request-Id, traceparent, tracestate'
const METHODS = 'GET, HEAD, POST, PATCH, DELETE'
/** Seconds a browser need not ask again; Chromium asks after two hours at the latest. */
const MAX_AGE = '7200'

/**
 * Lets pages of other origins read the answers (CORS, Fetch Standard). Without this, which is the default, browsers keep
 * them from it. Cookies are never part of it: the shop has none, and the admin token is a header that a page has to know.
 *
 * To be added before whatever may refuse a request, so that a page can read the refusal, and so that a preflight, which
 * carries no token and does no harm, is neither refused nor counted.
 *
 * @param allowed origins such as `https://shop.example.com`, separated by commas, or `*` for every one
 */
export function crossOrigin(app: App, allowed: string): void {
  const origins = new Set(parseOrigins(allowed))
  const any = origins.has('*')

  app.addHook('onRequest', async (request, reply) => {
    const { origin, 'access-control-request-method': wanted } = request.headers
    // Also where there is no origin: a cache must not give one page's answer to another.
    if (!any) reply.header('vary', 'Origin')
    if (origin === undefined || !(any || origins.has(origin))) return
    reply.headers({
      'access-control-allow-origin': any ? '*' : origin,
      'access-control-expose-headers': EXPOSED,
    })
    if (request.method !== 'OPTIONS' || wanted === undefined) return
    return reply
      .code(204)
      .headers({
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': ALLOWED,
        'access-control-max-age': MAX_AGE,
      })
      .send()
  })
}

/** The origins of the setting, without blanks. */
export const parseOrigins = (text: string): string[] => text.split(',').map((origin) => origin.trim())

/** Whether a text is `*` or an origin as browsers write it: scheme, host and port, no path, no slash at the end. */
export function isOrigin(text: string): boolean {
  return text === '*' || (/^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text)
}
