import { fire, type Sample } from '../load.ts'
import type { OrderBook } from '../orders.ts'
import { redisBenchmark, whyNoRedisBenchmark } from '../references/redis-benchmark.ts'
import type { Stage } from '../stage.ts'
import type { Subject, Work } from '../work.ts'

/** Orders a turn: those that are not counted, and those that are, since each has to be made and audited afterwards. */
interface Turn {
  /** The first time, until V8 has compiled what they run through. */
  first: number
  /** Later, after a rest. */
  uncounted: number
  counted: number
}

/** What takes turns with others has no rest. */
const SHORT: Turn = { first: 4000, uncounted: 0, counted: 400 }
const LONG: Turn = { first: 500, uncounted: 500, counted: 1500 }
const OF_THE_ORIGINAL: Turn = { first: 150, uncounted: 60, counted: 300 }

interface Taker {
  url: string
  pid: number
  book: OrderBook
}

/**
 * `POST /orders/`. A number of orders rather than a time, so that none is left without an answer.
 * @param part of the numbers of a turn: 1, less in a quick look
 */
export function takeOrders(
  name: string,
  taker: Taker,
  part: number,
  { turn = SHORT, ...options }: { keys?: boolean; turn?: Turn } = {},
): Subject {
  let uncounted = turn.first
  return {
    name,
    async measure(): Promise<Sample> {
      if (uncounted > 0) await placeOrders(taker, uncounted * part, options)
      uncounted = turn.uncounted
      return placeOrders(taker, turn.counted * part, options)
    },
  }
}

/** Puts so many orders in. */
export function placeOrders({ url, pid, book }: Taker, amount: number, options: { keys?: boolean } = {}) {
  const { answered, acceptedStatus } = book
  return fire(url, { request: () => book.request(options), answered, expect: acceptedStatus, amount, pid })
}

/** Orders into the queue in Redis, which has them on disk before they are confirmed. */
export function intake({ ours, original }: Stage, part: number, cpus: string | undefined): Work {
  const value = 'x'.repeat(300)
  const taker = original && { ...original.api, book: original.book }
  return {
    name: 'POST /orders/ → 202',
    unit: '/s',
    ours: takeOrders('ours, orders taken', ours, part, { turn: LONG }),
    against: [
      ...(taker
        ? [
            {
              subject: takeOrders('the original, orders taken', taker, part, { turn: OF_THE_ORIGINAL }),
              bar: 5,
              aim: 12,
            },
          ]
        : []),
      ...(whyNoRedisBenchmark() || !ours.redisUrl
        ? []
        : [
            {
              subject: redisBenchmark('redis-benchmark, LPUSH of 300 bytes', {
                redisUrl: ours.redisUrl,
                cpus,
                amount: 10_000 * part,
                command: ['LPUSH', 'bench:floor', value],
              }),
            },
          ]),
    ],
  }
}

/** The same with an `Idempotency-Key`, each its own, in turns with those without. */
export function intakeWithKey({ ours }: Stage, part: number, without: Subject): Work {
  return {
    name: 'POST /orders/ with Idempotency-Key',
    unit: '/s',
    ours: takeOrders('ours, orders with key', ours, part, { keys: true }),
    against: [{ subject: without, bar: 0.7, aim: 0.9 }],
  }
}
