import { PassThrough } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { unavailable } from '../src/http/errors.ts'

/** Bytes that a slow reader may lag behind; further events are dropped until it catches up. */
const MAX_BEHIND = 1024 * 1024

export interface EventStream {
  send(name: string, data: unknown): void
  end(): void
}

/**
 * Server-sent events (WHATWG HTML, 9.2) for a bounded number of readers. A stream ends when its reader leaves, when the
 * signal aborts, or when its sender ends it. Then the function that `join` returned is called once.
 */
export function eventStreams(maxStreams: number, closing: AbortSignal) {
  let open = 0

  /** Answers with a stream. @throws ProblemError 503 when `maxStreams` are open */
  return function answer(reply: FastifyReply, join: (stream: EventStream) => () => void): FastifyReply {
    if (open >= maxStreams)
      throw unavailable('too_many_streams', 'Too many pages of the lab are open; close one of them.')
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
    body.write(': the lab\n\n') // a first byte tells the reader that it is connected
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
