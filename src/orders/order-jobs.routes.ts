import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import Type from 'typebox'
import { problems } from '../http/problem.ts'
import type { App } from '../http/validation.ts'
import { eventStream } from './job-events.ts'
import type { JobStatuses } from './job-status.ts'
import { isFinal, JobParams, JobStatus } from './order-job.ts'

const MAX_WAIT_S = 30
const STREAM_MS = 10 * 60_000

interface Parts {
  statuses: JobStatuses
  /** Ends waits and streams on shutdown. */
  closing: AbortSignal
}

const Prefer = Type.Object({
  prefer: Type.Optional(Type.String({ description: `\`wait=N\`, N ≤ ${MAX_WAIT_S} seconds` })),
})
const Events = Type.Unsafe<Readable>(Type.String({ examples: ['event: status\ndata: {"status":"queued"}\n\n'] }))

/** `GET /orders/jobs/:job_id`: the state now, when it is final, or each as it comes. */
export function jobStatusRoute(app: App, parts: Parts): void {
  const schema = {
    operationId: 'getJobStatus',
    tags: ['orders'],
    summary: 'What became of an accepted order',
    description:
      '`Prefer: wait=N` (RFC 7240) holds the answer until it is final; `Accept: text/event-stream` streams the states.',
    params: JobParams,
    headers: Prefer,
    response: {
      200: {
        description: 'The state, or the states as they come',
        content: { 'application/json': { schema: JobStatus }, 'text/event-stream': { schema: Events } },
      },
      ...problems(404),
    },
  }
  app.get('/orders/jobs/:job_id', { config: { waitMs: MAX_WAIT_S * 1000 }, schema }, async (request, reply) => {
    const { job_id } = request.params
    reply.header('cache-control', 'no-store')
    if (/\btext\/event-stream\b/.test(request.headers.accept ?? ''))
      return reply.type('text/event-stream').send(await streamOf(parts, job_id, reply.raw))
    const wait = secondsToWait(request.headers.prefer)
    const status = wait > 0 ? await untilFinal(parts, job_id, wait, reply.raw) : await parts.statuses.read(job_id)
    if (wait > 0) reply.header('preference-applied', `wait=${wait}`)
    if (!isFinal(status)) reply.header('retry-after', '1')
    if (status.order_id) reply.header('link', `</orders/${status.order_id}>; rel="related"`)
    return reply.type('application/json; charset=utf-8').send(status)
  })
}

/** The `wait` preference of a `Prefer` header (RFC 7240, 4.3); 0 without one. */
function secondsToWait(prefer = ''): number {
  return Math.min(MAX_WAIT_S, Number(/(?:^|[\s,;])wait=(\d+)/i.exec(prefer)?.[1] ?? 0))
}

/** The states as server-sent events. @throws ProblemError 404 for an unknown job, rather than an empty stream */
async function streamOf(parts: Parts, job_id: string, response: ServerResponse): Promise<Readable> {
  const states = watch(parts, job_id, STREAM_MS, response)
  const first = await states.next()
  return Readable.from(eventStream(putBack(first, states)))
}

async function untilFinal(parts: Parts, job_id: string, seconds: number, response: ServerResponse): Promise<JobStatus> {
  let last: JobStatus | undefined
  for await (const status of watch(parts, job_id, seconds * 1000, response)) last = status
  return last ?? parts.statuses.read(job_id)
}

/** The states of a job for `ms` milliseconds, while the client is connected: a client that left frees its place at once. */
function watch({ statuses, closing }: Parts, job_id: string, ms: number, response: ServerResponse) {
  const gone = closed(response)
  const states = statuses.watch(job_id, AbortSignal.any([closing, gone, AbortSignal.timeout(ms)]))
  // Also when nobody asks for the next state any more.
  gone.addEventListener('abort', () => void states.return(undefined).catch(() => {}))
  return states
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
