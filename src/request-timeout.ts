import type { FastifyInstance } from 'fastify'
import { sendProblem, unavailable } from './errors.ts'

/**
 * Answers 503 in place of a handler whose answer has not begun `ms` milliseconds after its request, whatever it waits
 * for; what it does later goes unheard. Fastify 5.12 has `handlerTimeout`, but gives it up once a body has been read: its
 * end closes the request. A handler that can say more exactly what became of the request has to be sooner.
 */
export function timeOutRequests(app: FastifyInstance, ms: number): void {
  app.addHook('onRequest', async (request, reply) => {
    const timer = setTimeout(
      () => {
        if (reply.sent || reply.raw.headersSent) return
        const problem = unavailable('timeout', 'The answer took too long; what was asked may still happen.')
        sendProblem(request, reply, problem)
      },
      ms + (request.routeOptions.config.waitMs ?? 0),
    )
    reply.raw.once('close', () => clearTimeout(timer))
  })
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Milliseconds beyond the timeout that an answer may be waited for, because its client asked to. */
    waitMs?: number
  }
}
