import type { Logger } from '../log.ts'
import { sendProblem, unavailable } from './errors.ts'
import { ADMITTED_MS, watchOverload } from './overload.ts'
import { threadTime } from './thread-time.ts'
import type { App } from './validation.ts'

const overloaded = unavailable(
  'overloaded',
  'More is asked than can be answered in time; nothing was done for this request.',
)

/**
 * Load shedding (Google, Site Reliability Engineering, ch. 21 and 22): what cannot be served in time is refused at once and
 * cheaply, before it costs what others need. Without it a process that is asked more than it can do keeps all clients
 * waiting, and in the end serves those who have gone.
 *
 * One thread serves all, so what a request waits for is the work on the others. As in CoDel (Nichols and Jacobson,
 * Controlling Queue Delay, 2012) neither the number of requests counts nor the wait of one: a burst makes a queue too, but
 * one that ends. Overload is a queue that stands. From then on as many requests are in progress as keep the thread just
 * busy. Time is the thread's own processor time: neither a process that others keep from its processor, nor one whose
 * database is slow, does more by refusing. docs/adr/0015-load-shedding.md has the reasons.
 *
 * Probes are always served. To be added before the hooks that cost more than a refusal: limits, timeouts, traces.
 */
export function shedLoad(app: App, { log, onShed }: { log: Logger; onShed: () => void }): void {
  const overload = watchOverload((isActive) => {
    if (isActive) log.warn('overloaded: refusing what cannot be served in time')
    else log.info('no longer overloaded')
  })
  const turnStart = turnClock(overload)
  let inProgress = 0

  app.addHook('onRequest', (request, reply, done) => {
    const { probe, waitMs } = request.routeOptions.config
    if (probe) return done()
    const now = threadTime()
    overload.look(now)
    const start = turnStart(now)
    if (overload.isActive) {
      overload.asked(request.socket)
      if (inProgress >= overload.limit || now - start > ADMITTED_MS) {
        overload.refused()
        onShed()
        request.setDecorator('isShed', true)
        return void sendProblem(request, reply, overloaded)
      }
    }
    // An answer that waits on purpose says nothing about the thread.
    if (waitMs !== undefined) return done()
    inProgress += 1
    reply.raw.on('close', () => {
      inProgress -= 1
      overload.answered(threadTime() - start)
    })
    done()
  })
}

/**
 * When the current turn of the event loop began to take up requests, in the thread's time: all that came with it have waited
 * since. Under overload a turn that lasts is cut in two.
 */
function turnClock(overload: { isActive: boolean }): (now: number) => number {
  let start: number | undefined
  return (now) => {
    if (start === undefined) {
      setImmediate(() => {
        start = undefined
      })
    }
    if (start === undefined || (overload.isActive && now - start > 2 * ADMITTED_MS)) start = now
    return start
  }
}
