import { TimeoutError, within } from '../within.ts'
import type { JobStatus } from './order-job.ts'

/** Time between heartbeats: proxies close a silent connection after a minute, some after half a minute. */
const HEARTBEAT_MS = 15_000

/**
 * Server-sent events (WHATWG HTML, 9.2), one for each state. After `heartbeatMs` milliseconds without one comes a comment,
 * which clients ignore.
 */
export async function* eventStream(
  states: AsyncIterator<JobStatus>,
  heartbeatMs = HEARTBEAT_MS,
): AsyncGenerator<string> {
  let next = states.next()
  for (;;) {
    const state = await within(heartbeatMs, next).catch((error) => {
      if (!(error instanceof TimeoutError)) throw error
    })
    if (state?.done) return
    if (state) next = states.next()
    yield state ? `event: status\ndata: ${JSON.stringify(state.value)}\n\n` : ': still under way\n\n'
  }
}
