import { setTimeout as sleep } from 'node:timers/promises'
import { fire, type Sample } from '../load.ts'
import { offer } from '../open-loop.ts'
import { middle } from '../rounds.ts'
import type { Stage } from '../stage.ts'
import type { Work } from '../work.ts'
import { readList } from './cached-list.ts'

/** Milliseconds within which a refusal has to come. */
const REFUSAL_MS = 50

/** Seconds until the process is as fast as it then stays. */
const WARM_UP = 3

/**
 * The list of 1,000 products out of the database, five times as often as it was served just before, in an open loop over
 * 1,000 connections: how often it is served within a second all the same, and how soon the others are refused. It is held
 * against what was served before and after, since the machine's speed changes. Cheaper requests would overload the load
 * generator, which shares a core with the stores.
 */
export function overload({ bigUncached: shop }: Stage, seconds: number): Work {
  const list = readList('ours, big, cache off', shop, 2 * seconds)
  let around: Sample[] = []
  return {
    name: 'cold GET /products/, 10 × catalogue, at 5 × capacity',
    unit: '/s',
    against: [{ subject: { name: list.name, measure: async () => middle(around) }, bar: 0.8 }],
    limits: [{ of: 'p99', bar: REFUSAL_MS }],
    ours: {
      name: 'ours, overloaded',
      async measure() {
        const request = { path: '/products/' }
        if (around.length === 0) await fire(shop.url, { request, expect: 200, seconds: WARM_UP })
        const before = await list.measure()
        const { goodput, refusedP50, refusedP99 } = await offer(shop.url, {
          request: () => request,
          rate: 5 * before.value,
          seconds: 4 * seconds,
          connections: 1000,
        })
        await sleep(1000) // a pause ends it
        around = [before, await list.measure()]
        return { value: goodput, p50: refusedP50, p99: refusedP99 }
      },
    },
  }
}
