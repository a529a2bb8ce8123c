import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Logger } from '../log.ts'

/** An answer is late when this thread worked for so many milliseconds, on others, while it was waited for. */
const LATE_MS = 500
/** So often it is looked at. */
const LOOK_MS = 200
/** A thread that is found without a pause, and late with most answers, for so long is overloaded. */
const STANDING_MS = 3000
/** Under overload so many milliseconds of work are let in at first, that what is refused need not wait for more. */
const ADMITTED_MS = 15
/** A thread has paused, and so could do more, if it had nothing to do for this part of the time. */
const PAUSE = 0.1
/** For so long it is watched how many ask, to tell whether all of them could be served. */
const CROWD_MS = 2000

/**
 * Load shedding (Google, Site Reliability Engineering, ch. 21 and 22): refuses what can't be served in time, at once and
 * cheaply, before it costs what others need. Without it a process that gets more than it can do keeps all waiting, and in
 * the end serves clients who have gone.
 *
 * One thread serves all, so what a request waits for is the work on the others. As with CoDel (Nichols and Jacobson,
 * Controlling Queue Delay, 2012) it is not how many come that counts, nor how long one waits: a burst makes a queue, too,
 * but one that ends. Overload is a queue that stands: waits that do not become short, in a thread that has no pause. From
 * then on only so much is let in that the thread is just kept busy: more as long as it pauses, less when it does not. It is
 * over when nothing had to be refused, or nobody came for half a second, or when the crowd is so small that none would be
 * late if all were let in: clients who are refused and ask again at once would otherwise keep it up by themselves. It is
 * measured in the thread's own processor time, since neither a process that others keep from its processor, nor one whose
 * database is slow, does more by refusing.
 *
 * Refused before routing, limits, log and metrics, which cost more than the refusal. Probes are always served: a process
 * that is busy must not be restarted for it.
 */
export function shedLoad(server: Server, options: { log: Logger; onShed: () => void }): void {
  const { log, onShed } = options
  const [serve] = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[]
  if (!serve) throw new TypeError('expected a server that has its request listener')
  const admits = watchWaits((isOverloaded) => {
    if (isOverloaded) log.warn('overloaded: refusing what cannot be served in time')
    else log.info('no longer overloaded')
  })
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    if (isProbe(request.url) || admits(request, response)) return serve(request, response)
    onShed()
    refuse(request, response)
  })
}

/** Answers that wait on purpose (`Prefer: wait`, event streams) say nothing about the thread. */
const mayWait = (url = '') => url.startsWith('/orders/jobs/') || url.startsWith('/lab')
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

/** Milliseconds for which a reading of the clock below is good enough: each is a system call. */
const PRECISION_MS = 5
let reading = { at: Number.NEGATIVE_INFINITY, worked: 0 }

/** Milliseconds that this thread has worked. */
function workTime(): number {
  const at = performance.now()
  if (at - reading.at >= PRECISION_MS) {
    const { user, system } = process.threadCpuUsage()
    reading = { at, worked: (user + system) / 1000 }
  }
  return reading.worked
}

/** How many may be under way at the least, if `answers` took `ms` milliseconds (Little's law). */
const admitted = (answers: number, ms: number) => Math.max(1, (answers * ADMITTED_MS) / ms)

/** Returns whether a request that has come may be served, and judges by what those before it waited for. */
function watchWaits(changed: (isOverloaded: boolean) => void) {
  /** When this turn of the event loop began to take requests up, in work time. */
  let turn: number | undefined
  let judged = 0
  let look = { worked: 0, idle: 0, answers: 0, late: 0, refused: 0 }
  const nothing = () => ({ ms: 0, answers: 0, connections: new Set<Socket>() })
  /** What was seen since the queue began to stand, or under overload since it was last asked whether all could be served. */
  let seen = nothing()
  let isOverloaded = false
  let underWay = 0
  /** Under overload so many may be under way. */
  let limit = 1

  function judge(worked: number) {
    if (worked === judged) return
    judged = worked
    const { idleTime } = performance.nodeTiming
    const { answers, late, refused } = look
    const idle = idleTime - look.idle
    const ms = worked - look.worked + idle // what others took of the processor is not in it
    const hasPaused = idle > PAUSE * ms
    if (ms < LOOK_MS || (answers === 0 && !hasPaused)) return
    look = { worked, idle: idleTime, answers: 0, late: 0, refused: 0 }
    seen.ms += ms
    seen.answers += answers
    if (isOverloaded) {
      const isWatched = seen.ms >= CROWD_MS
      // A connection has one request at a time, so no more than these can wait.
      const longest = seen.connections.size * (seen.ms / seen.answers)
      if (refused === 0 || idle > LATE_MS || (isWatched && longest <= LATE_MS)) change(false)
      else if (isWatched) seen = nothing()
      // Doubled for every look's worth of time that had a pause: those who were let in waited for the database.
      limit = hasPaused ? limit * 2 ** (ms / LOOK_MS) : Math.max(admitted(answers, ms), limit / 2)
    } else if (hasPaused || late <= answers / 2) seen = nothing()
    else if (seen.ms >= STANDING_MS) {
      limit = admitted(seen.answers, seen.ms)
      change(true)
    }
  }

  function change(to: boolean) {
    isOverloaded = to
    seen = nothing()
    changed(to)
  }

  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const now = workTime()
    judge(now)
    if (turn === undefined) setImmediate(() => (turn = undefined))
    if (turn === undefined || (isOverloaded && now - turn > 2 * ADMITTED_MS)) turn = now
    if (isOverloaded) {
      seen.connections.add(request.socket)
      if (underWay >= limit || now - turn > ADMITTED_MS) {
        look.refused += 1
        return false
      }
    }
    if (mayWait(request.url)) return true
    const since = turn
    underWay += 1
    response.on('close', () => {
      underWay -= 1
      look.answers += 1
      if (workTime() - since > LATE_MS) look.late += 1
    })
    return true
  }
}
