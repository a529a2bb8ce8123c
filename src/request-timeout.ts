import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ProblemError, sendProblem, unavailable } from './errors.ts'

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
export function timeOutRequests(app: FastifyInstance, ms: number): void {
  const lines = new Map<number, ReturnType<typeof waitingLine<Exchange>>>()

  app.addHook('onRequest', (request, reply, done) => {
    const patience = ms + (request.routeOptions.config.waitMs ?? 0)
    const join = lines.get(patience) ?? waitingLine(patience, timeOut)
    lines.set(patience, join)
    reply.raw.once('close', join({ request, reply }))
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

/**
 * What waits equally long, in the order of its coming, which is that of its deadlines: so one timer serves all. A timer for
 * each request was a tenth of what a cached answer costs.
 * @returns a function to join the line, which returns one to leave it
 */
function waitingLine<T>(ms: number, late: (waiting: T) => void): (waiting: T) => () => void {
  const line = new Set<{ waiting: T; deadline: number }>()
  let isWatched = false
  const watch = (delay: number) => {
    isWatched = true
    setTimeout(look, delay).unref()
  }
  const look = () => {
    isWatched = false
    for (const place of line) {
      const remaining = place.deadline - performance.now()
      if (remaining > 0) return watch(remaining)
      line.delete(place)
      late(place.waiting)
    }
  }
  return (waiting) => {
    const place = { waiting, deadline: performance.now() + ms }
    line.add(place)
    if (!isWatched) watch(ms)
    return () => line.delete(place)
  }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Milliseconds beyond the timeout that an answer may be waited for, because its client asked to. */
    waitMs?: number
  }
}
