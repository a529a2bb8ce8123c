import { TimeoutError, within } from '../within.ts'
import type { JobStatus } from './order-job.ts'

/** Between signs of life: proxies close a connection that says nothing for a minute, some after half of one. */
const HEARTBEAT_MS = 15_000

/**
 * Server-sent events (WHATWG HTML, 9.2), one a state, and a comment, which clients ignore, for every `heartbeatMs`
 * milliseconds without one.
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
