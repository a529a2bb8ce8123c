import { setTimeout as sleep } from 'node:timers/promises'
import { offer } from '../open-loop.ts'
import type { Stage } from '../stage.ts'
import type { Subject, Work } from '../work.ts'
import { readList } from './cached-list.ts'

/** Milliseconds within which a refusal has to come. */
const REFUSAL_MS = 50

/**
 * The list of 1,000 products out of the database, five times as often as it was served just before, in an open loop over
 * 1,000 connections: how often it is served within a second all the same, and how soon the others are refused. Cheaper
 * requests would overload the load generator, which shares a core with the stores.
 */
export function overload({ bigUncached }: Stage, seconds: number): Work {
  let capacity = 0
  const list = readList('ours, big, cache off', bigUncached, seconds)
  const peak: Subject = {
    name: list.name,
    async measure() {
      const sample = await list.measure()
      capacity = sample.value
      return sample
    },
  }
  return {
    name: 'cold GET /products/, 10 × catalogue, at 5 × capacity',
    unit: '/s',
    against: [{ subject: peak, bar: 0.8 }],
    limits: [{ of: 'p99', bar: REFUSAL_MS }],
    ours: {
      name: 'ours, overloaded',
      async measure() {
        const request = { path: '/products/' }
        const { goodput, refusedP50, refusedP99 } = await offer(bigUncached.url, {
          request: () => request,
          rate: 5 * (capacity || (await peak.measure()).value),
          seconds: 2 * seconds,
          connections: 1000,
        })
        await sleep(1000) // a pause ends it
        return { value: goodput, p50: refusedP50, p99: refusedP99 }
      },
    },
  }
}
