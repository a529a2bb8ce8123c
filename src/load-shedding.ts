import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Logger } from './log.ts'

/** An answer is late when this thread worked for so many milliseconds, on others, while it was waited for. */
const LATE_MS = 500
/** So often it is judged: when most answers were late it is an overload, until nothing has to be refused for as long. */
const WINDOW_MS = 3000
/** Under overload so many milliseconds of work may be under way; what comes beyond is refused. */
const ADMITTED_MS = 20

/**
 * Load shedding (Google, Site Reliability Engineering, ch. 21 and 22): refuses what can't be served in time, at once and
 * cheaply, before it costs what others need. Without it a process that gets more than it can do keeps all waiting, and in
 * the end serves clients who have gone.
 *
 * One thread serves all, so what a request waits for is the work on the others. As with CoDel (Nichols and Jacobson,
 * Controlling Queue Delay, 2012) it is not how many come that counts, nor how long one waits: a burst makes a queue, too,
 * but one that ends. Overload is a wait that does not become short again. It is measured in the thread's own processor
 * time, since neither a process that others keep from its processor, nor one whose database is slow, does more by
 * refusing.
 *
 * Refused before routing, limits, log and metrics, which cost more than the refusal. Probes are always served: a process
 * that is busy must not be restarted for it.
 */
export function shedLoad(server: Server, options: { log: Logger; onShed: () => void }): void {
  const { log, onShed } = options
  const [serve] = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[]
  if (!serve) throw new TypeError('expected a server that has its request listener')
  const waits = watchWaits((isOverloaded) => {
    if (isOverloaded) log.warn('overloaded: refusing what cannot be served in time')
    else log.info('no longer overloaded')
  })
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    if (isProbe(request.url)) return serve(request, response)
    const begun = waits.begin()
    if (!begun) {
      onShed()
      return refuse(request, response)
    }
    if (!mayWait(request.url)) begun(response)
    serve(request, response)
  })
}

/** Answers that wait on purpose (`Prefer: wait`, event streams) say nothing about the thread. */
const mayWait = (url = '') => url.startsWith('/orders/jobs/')
const isProbe = (url = '') => url.startsWith('/health') || url.startsWith('/metrics')

function refuse({ url = '' }: IncomingMessage, response: ServerResponse): void {
  const request_id = randomUUID()
  const body = JSON.stringify({
    type: 'about:blank',
    title: 'Service Unavailable',
    status: 503,
    detail: 'More is asked than can be answered in time; nothing was done for this request.',
    instance: url.split('?', 1)[0],
    code: 'overloaded',
    request_id,
  })
  response
    .writeHead(503, {
      'content-type': 'application/problem+json',
      'content-length': Buffer.byteLength(body),
      'retry-after': '1',
      'x-content-type-options': 'nosniff',
      'x-request-id': request_id,
    })
    .end(body)
}

/** Milliseconds that this thread has worked. */
function workTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Judges by what requests wait for whether there are too many. */
function watchWaits(changed: (isOverloaded: boolean) => void) {
  /** When this turn of the event loop began to take requests up, in work time. */
  let turn: number | undefined
  let isOverloaded = false
  let window = { start: 0, answers: 0, late: 0, refused: 0 }
  let underWay = 0
  let limit = 1

  function judge(worked: number) {
    const now = worked + performance.nodeTiming.idleTime // what others took of the processor is not in it
    const { start, answers, late, refused } = window
    const ms = now - start
    if (ms < WINDOW_MS) return
    window = { start: now, answers: 0, late: 0, refused: 0 }
    const hadPause = ms > 2 * WINDOW_MS // nobody came for as long, so nobody waited
    const isLate = late > answers / 2 && !hadPause
    if (isLate) limit = Math.max(1, (answers * ADMITTED_MS) / ms) // Little's law
    if (isOverloaded ? refused > 0 && !hadPause : !isLate) return
    isOverloaded = !isOverloaded
    changed(isOverloaded)
  }
  return {
    /** Refuses a request that has come (undefined), or has it timed until its answer by what it returns. */
    begin() {
      const now = workTime()
      judge(now)
      if (turn === undefined) setImmediate(() => (turn = undefined))
      if (turn === undefined || (isOverloaded && now - turn > 2 * ADMITTED_MS)) turn = now
      if (isOverloaded && (underWay >= limit || now - turn > ADMITTED_MS)) {
        window.refused += 1
        return undefined
      }
      const since = turn
      return (response: ServerResponse) => {
        underWay += 1
        response.once('close', () => {
          underWay -= 1
          window.answers += 1
          if (workTime() - since > LATE_MS) window.late += 1
        })
      }
    },
  }
}
