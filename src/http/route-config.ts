import 'fastify'

// What a route says of itself in its `config`, for the hooks that run for all routes.
declare module 'fastify' {
  interface FastifyContextConfig {
    /** Needs the ADMIN_TOKEN, when one is set. */
    admin?: boolean
    /** Not counted by the rate limit: health, documents, static files. */
    unlimited?: boolean
    /** Answered under any load: a busy process must not be restarted for being busy. */
    probe?: boolean
    /** Milliseconds that an answer may take beyond the timeout, because its client asked to wait. */
    waitMs?: number
  }
}
