import { fire, type Sample } from '../load.ts'
import type { OrderBook } from '../orders.ts'
import { redisBenchmark, whyNoRedisBenchmark } from '../references/redis-benchmark.ts'
import type { Stage } from '../stage.ts'
import type { Subject, Work } from '../work.ts'

/**
 * For each second of `seconds` as many as tell how fast they are taken, since each has to be made and audited afterwards;
 * and those that are not counted: the first time, until V8 has compiled what they run through, and later after a rest.
 */
const ENOUGH = { first: 6000, uncounted: 200, counted: 1000 }
/** What is slow, and was compiled before. */
const ENOUGH_OF_THE_ORIGINAL = { first: 100, uncounted: 40, counted: 200 }

interface Taker {
  url: string
  pid: number
  book: OrderBook
}

/** `POST /orders/` → 202. A number of orders rather than a time, so that none is left without an answer. */
export function takeOrders(
  name: string,
  taker: Taker,
  seconds: number,
  { enough = ENOUGH, ...options }: { keys?: boolean; enough?: typeof ENOUGH } = {},
): Subject {
  let uncounted = enough.first
  return {
    name,
    async measure(): Promise<Sample> {
      await placeOrders(taker, uncounted * seconds, options)
      uncounted = enough.uncounted
      return placeOrders(taker, enough.counted * seconds, options)
    },
  }
}

/** Puts so many orders in. */
export function placeOrders({ url, pid, book }: Taker, amount: number, options: { keys?: boolean } = {}) {
  return fire(url, { request: () => book.request(options), answered: book.answered, expect: 202, amount, pid })
}

/** Orders into the queue in Redis, which has them on disk before they are confirmed. */
export function intake({ ours, original }: Stage, seconds: number, cpus: string | undefined): Work {
  const value = 'x'.repeat(300)
  return {
    name: 'POST /orders/ → 202',
    unit: '/s',
    ours: takeOrders('ours, orders taken', ours, seconds),
    against: [
      ...(original
        ? [
            {
              subject: takeOrders('the original, orders taken', { ...original.api, book: original.book }, seconds, {
                enough: ENOUGH_OF_THE_ORIGINAL,
              }),
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
                amount: 10_000 * seconds,
                command: ['LPUSH', 'bench:floor', value],
              }),
            },
          ]),
    ],
  }
}

/** The same with an `Idempotency-Key`, each its own. */
export function intakeWithKey({ ours }: Stage, seconds: number, without: Subject): Work {
  return {
    name: 'POST /orders/ with Idempotency-Key',
    unit: '/s',
    ours: takeOrders('ours, orders with key', ours, seconds, { keys: true }),
    against: [{ subject: without, bar: 0.7, aim: 0.9 }],
  }
}
