import type { FastifyReply, FastifyRequest } from 'fastify'
import { answerError, ProblemError, unavailable } from './errors.ts'
import type { App } from './validation.ts'

const tooLong = unavailable('timeout', 'The answer took too long; what was asked may still happen.')
/** The client's own doing: its body is still on its way. What comes of it later is not read. */
const tooSlow = new ProblemError(408, 'request_timeout', 'The request did not arrive in time.', {
  headers: { connection: 'close' },
})

/**
 * Answers 503 in place of a handler whose answer has not begun `ms` milliseconds after its request; what the handler does
 * later is not heard. Where the body itself has not arrived by then, it is 408. Fastify 5.12 has `handlerTimeout`, but its
 * timer is cleared once a body has been read. A handler that can say more exactly what became of the request must be sooner.
 */
export function timeOutRequests(app: App, ms: number): void {
  app.addHook('onRequest', (request, reply, done) => {
    const timer = setTimeout(timeOut, ms + (request.routeOptions.config.waitMs ?? 0), request, reply)
    reply.raw.on('close', () => clearTimeout(timer))
    done()
  })
}

function timeOut(request: FastifyRequest, reply: FastifyReply): void {
  if (reply.sent || reply.raw.headersSent) return
  answerError(request, reply, request.raw.complete ? tooLong : tooSlow)
}
