import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { until } from '../../support/until.ts'
import { countRows } from '../orders.ts'
import { pgbench, whyNoPgbench } from '../references/pgbench.ts'
import type { OrderingOriginal, OrderingShop, Stage } from '../stage.ts'
import type { Subject, Work } from '../work.ts'
import { placeOrders } from './intake.ts'

interface Drained {
  name: string
  seconds: number
  /** Orders that wait. */
  waiting(): Promise<number>
  place(amount: number): Promise<unknown>
  /** Lets the worker go; the returned function holds it again. */
  go(): Promise<() => Promise<unknown>>
  stored(): Promise<number>
}

/**
 * Orders a second that one worker process takes from the queue and stores, counted in the database between two moments in
 * which it is at work. There are always more waiting than it can take.
 */
function drain({ name, seconds, waiting, place, go, stored }: Drained): Subject {
  let rate = 100
  return {
    name,
    async measure() {
      for (;;) {
        const missing = Math.ceil(1.5 * rate * (seconds + 0.5)) - (await waiting())
        if (missing > 0) await place(missing)
        const before = await stored()
        const hold = await go()
        await until(async () => (await stored()) > before)
        const first = await stored()
        const start = performance.now()
        await sleep(seconds * 1000)
        const last = await stored()
        const elapsed = (performance.now() - start) / 1000
        const left = await waiting()
        await hold()
        rate = (last - first) / elapsed
        if (left > 0) return { value: rate }
        rate *= 2 // it ran dry: again with more
      }
    },
  }
}

/** Our worker, which the pause of its queue holds. */
function drainOurs(name: string, shop: OrderingShop, seconds: number): Subject {
  const { queue, databaseUrl } = shop
  return drain({
    name,
    seconds,
    waiting: () => queue.count(),
    place: (amount) => placeOrders(shop, amount),
    async go() {
      await queue.resume()
      return () => queue.pause()
    },
    stored: () => countRows(databaseUrl, 'order_jobs'),
  })
}

/** An RQ worker, started for the measurement; what starting takes is not counted. */
function drainOriginal(
  name: string,
  kind: 'fork' | 'simple',
  { api, book }: OrderingOriginal,
  seconds: number,
): Subject {
  const withRedis = async <T>(work: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = new Redis(api.redisUrl)
    return work(redis).finally(() => redis.disconnect())
  }
  /** As `rq suspend`, and waits until the worker has heard it: one that is stopped in between loses its job. */
  const suspend = (redis: Redis) =>
    redis.set('rq:suspended', 1).then(() =>
      until(async () => {
        const names = await redis.smembers('rq:workers')
        const states = await Promise.all(names.map((worker) => redis.hget(worker, 'state')))
        return states.every((state) => state === 'suspended')
      }),
    )
  return drain({
    name,
    seconds,
    waiting: () => withRedis((redis) => redis.llen('rq:queue:default')),
    place: (amount) => placeOrders({ ...api, book }, amount),
    async go() {
      const worker = await api.addWorker(kind)
      return async () => {
        await withRedis(suspend)
        await worker.stop()
        await withRedis((redis) => redis.del('rq:suspended'))
      }
    },
    stored: () => countRows(api.databaseUrl, 'orders'),
  })
}

/** Orders with one item, on PostgreSQL and Redis. */
export function drainQueue(stage: Stage, seconds: number, cpus: string | undefined): Work {
  const { ours, original } = stage
  return {
    name: 'queue drain, one worker process',
    unit: '/s',
    ours: drainOurs('our worker', ours, seconds),
    against: [
      ...(original
        ? [
            { subject: drainOriginal('RQ worker', 'fork', original, seconds), bar: 30, aim: 100 },
            { subject: drainOriginal('RQ SimpleWorker', 'simple', original, seconds) },
          ]
        : []),
      ...(whyNoPgbench()
        ? []
        : [{ subject: pgbench('pgbench, the same transaction', ours.databaseUrl, seconds, cpus), bar: 0.25, aim: 1 }]),
    ],
  }
}

/** The same with the embedded PostgreSQL for data and queue, everything in one process. */
export function drainEmbedded({ embedded }: Stage, seconds: number, reference: Subject | undefined): Work {
  return {
    name: 'queue drain, embedded, no Redis',
    unit: '/s',
    ours: drainOurs('our worker, embedded', embedded, seconds),
    against: reference ? [{ subject: reference, bar: 10, aim: 30 }] : [],
  }
}
