import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import Type from 'typebox'
import type { App } from '../http/validation.ts'
import { eventStream } from './job-events.ts'
import type { JobStatuses } from './job-status.ts'
import { isFinal, JobParams, JobStatus } from './order-job.ts'

const MAX_WAIT_S = 30
const STREAM_MS = 10 * 60_000

/** The state of a job as JSON, or as a stream of events. */
const StatusOrStream = Type.Unsafe<JobStatus | Readable>(JobStatus)

interface Options {
  statuses: JobStatuses
  /** Ends waits and streams on shutdown. */
  closing: AbortSignal
}

export function orderJobRoutes(app: App, options: Options): void {
  app.get(
    '/orders/jobs/:job_id',
    {
      config: { waitMs: MAX_WAIT_S * 1000 },
      schema: {
        tags: ['orders'],
        summary: 'What became of an accepted order',
        description:
          '`Prefer: wait=N` (RFC 7240) holds the answer until it is final; `Accept: text/event-stream` streams the states.',
        params: JobParams,
        headers: Type.Object({
          prefer: Type.Optional(Type.String({ description: `\`wait=N\`, N ≤ ${MAX_WAIT_S} seconds` })),
        }),
        response: { 200: StatusOrStream },
      },
    },
    async (request, reply) => {
      const { job_id } = request.params
      if (/\btext\/event-stream\b/.test(request.headers.accept ?? '')) {
        const states = watch(options, job_id, STREAM_MS, reply.raw)
        const first = await states.next() // an unknown job is a 404, not an empty stream
        return reply
          .headers({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
          .send(Readable.from(eventStream(putBack(first, states))))
      }
      const wait = secondsToWait(request.headers.prefer)
      const status = wait > 0 ? await untilFinal(options, job_id, wait, reply.raw) : await options.statuses.read(job_id)
      reply.header('cache-control', 'no-store')
      if (wait > 0) reply.header('preference-applied', `wait=${wait}`)
      if (!isFinal(status)) reply.header('retry-after', '1')
      if (status.order_id) reply.header('link', `</orders/${status.order_id}>; rel="related"`)
      return status
    },
  )
}

/** The `wait` preference of a `Prefer` header (RFC 7240, 4.3); 0 without one. */
function secondsToWait(prefer = ''): number {
  return Math.min(MAX_WAIT_S, Number(/(?:^|[\s,;])wait=(\d+)/i.exec(prefer)?.[1] ?? 0))
}

/** The states of a job for `ms` milliseconds, while the client is connected: a client that left frees its place at once. */
function watch({ statuses, closing }: Options, job_id: string, ms: number, response: ServerResponse) {
  const gone = closed(response)
  const states = statuses.watch(job_id, AbortSignal.any([closing, gone, AbortSignal.timeout(ms)]))
  // Also when nobody asks for the next state any more.
  gone.addEventListener('abort', () => void states.return(undefined).catch(() => {}))
  return states
}

async function untilFinal(options: Options, job_id: string, seconds: number, response: ServerResponse) {
  let last: JobStatus | undefined
  for await (const status of watch(options, job_id, seconds * 1000, response)) last = status
  return last ?? options.statuses.read(job_id)
}

/** Aborts when the client has left or has its answer. (`request.signal` aborts once the body has been read.) */
function closed(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  if (response.closed) gone.abort()
  else response.once('close', () => gone.abort())
  return gone.signal
}

/** Puts a value that was taken out of a sequence back in front of it. */
async function* putBack<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  if (first.done) return
  yield first.value
  yield* rest
}
