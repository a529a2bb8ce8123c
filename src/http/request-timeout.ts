import type { FastifyReply, FastifyRequest } from 'fastify'
import { ProblemError, sendProblem, unavailable } from './errors.ts'
import type { App } from './validation.ts'
import { waitingLine } from './waiting-line.ts'

const tooLong = unavailable('timeout', 'The answer took too long; what was asked may still happen.')
/** The client's own doing: its body is still on its way. What comes of it later is not read. */
const tooSlow = new ProblemError(408, 'request_timeout', 'The request did not arrive in time.', {
  headers: { connection: 'close' },
})

/**
 * Answers 503 in place of a handler whose answer has not begun `ms` milliseconds after its request, whatever it waits
 * for; what it does later goes unheard. Where the body itself has not arrived by then, it is 408. Fastify 5.12 has
 * `handlerTimeout`, but gives it up once a body has been read: its end closes the request. A handler that can say more
 * exactly what became of the request has to be sooner.
 */
export function timeOutRequests(app: App, ms: number): void {
  const lines = new Map<number, ReturnType<typeof waitingLine<Exchange>>>()

  app.addHook('onRequest', (request, reply, done) => {
    const patience = ms + (request.routeOptions.config.waitMs ?? 0)
    const join = lines.get(patience) ?? waitingLine(patience, timeOut)
    lines.set(patience, join)
    reply.raw.on('close', join({ request, reply }))
    done()
  })
}

interface Exchange {
  request: FastifyRequest
  reply: FastifyReply
}

function timeOut({ request, reply }: Exchange): void {
  if (reply.sent || reply.raw.headersSent) return
  sendProblem(request, reply, request.raw.complete ? tooLong : tooSlow)
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Milliseconds beyond the timeout that an answer may be waited for, because its client asked to. */
    waitMs?: number
  }
}
