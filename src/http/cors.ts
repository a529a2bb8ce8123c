import cors from '@fastify/cors'
import type { App } from './validation.ts'

/** What a page may read beside the few headers that every page may (Fetch Standard, CORS-safelisted response headers). */
const exposedHeaders =
  'ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Idempotent-Replayed, Preference-Applied, Cache-Status, Server-Timing'
/** What a page may send beside the few that every page may. */
const allowedHeaders =
  'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, X-Request-Id, traceparent, tracestate'
const methods = 'GET, HEAD, POST, PATCH, DELETE'
/** Seconds a browser need not ask again; Chromium asks after two hours at the latest. */
const maxAge = 7200

/**
 * Lets pages of other origins read the answers (CORS, Fetch Standard). Without this, which is the default, browsers keep
 * them from it. Cookies are never part of it: the shop has none, and the admin token is a header that a page has to know.
 *
 * To be added before whatever may refuse a request, so that a page can read the refusal, and so that a preflight, which
 * carries no token and does no harm, is neither refused nor counted.
 *
 * @param allowed origins such as `https://shop.example.com`, separated by commas, or `*` for every one
 */
export async function crossOrigin(app: App, allowed: string): Promise<void> {
  const origins = new Set(parseOrigins(allowed))
  const isAllowed = (origin: string | undefined) => origin !== undefined && origins.has(origin)
  await app.register(cors, {
    origin: origins.has('*') ? '*' : (origin, answer) => answer(null, isAllowed(origin)),
    exposedHeaders,
    allowedHeaders,
    methods,
    maxAge,
    strictPreflight: false, // it would answer in plain text
  })
}

/** The origins of the setting, without blanks. */
export const parseOrigins = (text: string): string[] => text.split(',').map((origin) => origin.trim())

/** Whether a text is `*` or an origin as browsers write it: scheme, host and port, no path, no slash at the end. */
export function isOrigin(text: string): boolean {
  return text === '*' || (/^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text)
}
