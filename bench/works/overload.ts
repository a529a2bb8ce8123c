import { setTimeout as sleep } from 'node:timers/promises'
import { offer } from '../open-loop.ts'
import type { Stage } from '../stage.ts'
import type { Subject, Work } from '../work.ts'

/** Milliseconds within which a refusal has to come. */
const REFUSAL_MS = 50

/**
 * The list out of the database, five times as often as it was served just before, in an open loop over 1,000 connections:
 * how often it is served within a second all the same, and how soon the others are refused.
 */
export function overload({ uncached }: Stage, seconds: number, list: Subject): Work {
  let capacity = 500
  const peak: Subject = {
    name: list.name,
    async measure() {
      const sample = await list.measure()
      capacity = sample.value
      return sample
    },
  }
  return {
    name: 'cold GET /products/ at 5 × capacity',
    unit: '/s',
    against: [{ subject: peak, bar: 0.8 }],
    limits: [{ of: 'p99', bar: REFUSAL_MS }],
    ours: {
      name: 'ours, overloaded',
      async measure() {
        const request = { path: '/products/' }
        const { goodput, refusedP50, refusedP99 } = await offer(uncached.url, {
          request: () => request,
          rate: 5 * capacity,
          seconds,
          connections: 1000,
        })
        await sleep(7000) // so long a pause ends the overload
        return { value: goodput, p50: refusedP50, p99: refusedP99 }
      },
    },
  }
}
