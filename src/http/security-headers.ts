import type { App } from './validation.ts'

/** Swagger UI's page: its own files, styles that its scripts set, and images that they hold as data. */
export const DOCS_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

const headers = {
  // An answer is what its content-type says, also where a browser thinks otherwise.
  'x-content-type-options': 'nosniff',
  // JSON, text and event streams: nothing in them is to be run, loaded or framed. Pages say what they need themselves.
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  // The same for browsers that do not know frame-ancestors.
  'x-frame-options': 'DENY',
  // Paths hold ids.
  'referrer-policy': 'no-referrer',
}

/**
 * Tells browsers what not to do with an answer (OWASP REST Security Cheat Sheet). `Strict-Transport-Security` is not ours
 * to say: it binds a host name to TLS for months, and belongs to where TLS ends. See docs/deploy.md.
 */
export function securityHeaders(app: App): void {
  app.addHook('onRequest', (_, reply, done) => {
    reply.headers(headers)
    done()
  })
}
