import { PassThrough } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { unavailable } from '../src/http/errors.ts'

/** A reader this far behind is not written to until it has caught up. */
const MAX_BEHIND = 1024 * 1024

export interface EventStream {
  send(name: string, data: unknown): void
  end(): void
}

/**
 * Server-sent events (WHATWG HTML, 9.2) for a bounded number of readers. Each stream ends with its reader, with the
 * signal, or when its sender ends it; `leave`, that `join` returns, is called once then.
 */
export function eventStreams(maxStreams: number, closing: AbortSignal) {
  let open = 0

  /** Answers with a stream. @throws ProblemError 503 when as many are open as may be */
  return function answer(reply: FastifyReply, join: (stream: EventStream) => () => void): FastifyReply {
    if (open >= maxStreams) throw unavailable('too_many_streams', 'Too many pages watch already; close one of them.')
    const body = new PassThrough()
    const end = () => body.end()
    const stream: EventStream = {
      send(name, data) {
        if (body.writableLength < MAX_BEHIND && body.writable)
          body.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
      },
      end,
    }
    open += 1
    body.write(': the lab\n\n') // a first byte, so that the reader knows that it is connected
    const leave = join(stream)
    closing.addEventListener('abort', end)
    if (closing.aborted) end()
    body.once('close', () => {
      open -= 1
      closing.removeEventListener('abort', end)
      leave()
    })
    return reply.headers({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).send(body)
  }
}
