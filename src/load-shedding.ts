import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Logger } from './log.ts'

/** A turn of the event loop in which a request waited longer for its turn than this is late. */
const LATE_MS = 50
/** So long on end have turns to be late before anything is refused: a burst, or a pause of the process, is no overload. */
const SUSTAINED_MS = 1000
/** Under overload each turn admits for so long, and refuses what comes after. */
const ADMITTED_MS = 15
/** So long on end nothing has to be refused before the overload is over. */
const RECOVERY_MS = 1000

/**
 * Load shedding (Google, Site Reliability Engineering, ch. 21 and 22): refuses what can't be served in time, at once and
 * cheaply, before it costs what others need. Without it a process that gets more than it can do keeps all waiting, and in
 * the end serves clients who have gone.
 *
 * One thread serves all, so what waits shows as the length of a turn of the event loop: all requests that were there when
 * it began are taken up one after the other, and the last of them has waited for all before. As with CoDel (Nichols and
 * Jacobson, Controlling Queue Delay, 2012) it counts that the wait is long and stays long, not that many come. While it
 * does, every turn serves for a while and refuses the rest, so a refusal comes within the turn, in tens of milliseconds,
 * and what is served is served as fast as ever.
 *
 * Refused before routing, limits, log and metrics, which cost more than the refusal. Probes are always served: a process
 * that is busy must not be restarted for it.
 */
export function shedLoad(server: Server, options: { log: Logger; onShed: () => void }): void {
  const { log, onShed } = options
  const [serve] = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[]
  if (!serve) throw new TypeError('expected a server that has its request listener')
  const turns = watchTurns((isOverloaded) => {
    if (isOverloaded) log.warn('overloaded: refusing what cannot be served in time')
    else log.info('no longer overloaded')
  })
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    if (turns.admits(performance.now()) || isProbe(request.url)) return serve(request, response)
    onShed()
    refuse(request, response)
  })
}

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
      'x-request-id': request_id,
    })
    .end(body)
}

/** Judges by the turns of the event loop whether a request may be taken up. */
function watchTurns(changed: (isOverloaded: boolean) => void): { admits(now: number): boolean } {
  let turn: { start: number; waited: number; hasRefused: boolean } | undefined
  let lateSince: number | undefined
  let lastRefusal: number | undefined

  const end = () => {
    if (!turn) return
    const { start, waited, hasRefused } = turn
    turn = undefined
    if (lastRefusal === undefined) {
      lateSince = waited > LATE_MS ? (lateSince ?? start) : undefined
      if (lateSince === undefined || start + waited < lateSince + SUSTAINED_MS) return
      lastRefusal = start
      changed(true)
    } else if (hasRefused) lastRefusal = start
    else if (start > lastRefusal + RECOVERY_MS) {
      lateSince = undefined
      lastRefusal = undefined
      changed(false)
    }
  }
  return {
    admits(now) {
      if (!turn) {
        turn = { start: now, waited: 0, hasRefused: false }
        setImmediate(end)
      }
      turn.waited = now - turn.start
      if (lastRefusal === undefined || turn.waited <= ADMITTED_MS) return true
      turn.hasRefused = true
      return false
    },
  }
}
