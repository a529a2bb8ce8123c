import { offer } from '../open-loop.ts'
import type { Stage } from '../stage.ts'
import type { Subject, Work } from '../work.ts'

/** Milliseconds after which nobody waits for a refusal any more. */
const REFUSAL_MS = 50

/**
 * Five times as many orders as the API can take, in an open loop over 500 connections: how many it takes all the same, and
 * how soon it refuses the others. It is given a second to notice.
 */
export function overload({ ours }: Stage, seconds: number, peak: Subject, capacity: () => number): Work {
  const { url, book } = ours
  return {
    name: 'orders at 5 × capacity',
    unit: '/s',
    against: [{ subject: peak, bar: 0.8 }],
    limits: [{ of: 'p99', bar: REFUSAL_MS }],
    ours: {
      name: 'ours, overloaded',
      async measure() {
        const { goodput, refusedP99 } = await offer(url, {
          request: () => book.request(),
          answered: book.answered,
          rate: 5 * capacity(),
          seconds: 1.5 + seconds,
          settling: 1.5,
          connections: 500,
        })
        return { value: goodput, p99: refusedP99 }
      },
    },
  }
}
