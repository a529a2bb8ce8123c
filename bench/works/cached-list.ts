import { fire } from '../load.ts'
import { redisBenchmark, whyNoRedisBenchmark } from '../references/redis-benchmark.ts'
import type { Stage } from '../stage.ts'
import type { Subject, Work } from '../work.ts'

const NAME = 'cached GET /products/'

/** `GET /products/` from a URL, of the process `pid`, after `warmUp` seconds that are not counted. */
export const readList = (
  name: string,
  { url, pid }: { url: string; pid: number },
  seconds: number,
  warmUp = seconds / 2,
): Subject => ({
  name,
  measure: () => fire(url, { request: { path: '/products/' }, expect: 200, warmUp, seconds, pid }),
})

/** The list of 100 products out of the cache, limits off, in turns of `seconds` with bare servers. */
export function cachedList({ ours, loggingFastify, bareFastify, bareHttp }: Stage, seconds: number): Work {
  const inTurns = (name: string, server: { url: string; pid: number }) => readList(name, server, seconds, 0)
  return {
    name: NAME,
    unit: '/s',
    ours: inTurns('ours, cached', ours),
    against: [
      { subject: inTurns('bare Fastify, the same bytes and a log', loggingFastify), bar: 0.6, aim: 0.9 },
      { subject: inTurns('bare Fastify, the same bytes', bareFastify) },
      { subject: inTurns('bare node:http, the same bytes', bareHttp) },
    ],
  }
}

/** The same beside the original, and beside Redis by itself. */
export function cachedListOfBoth({ ours, original }: Stage, seconds: number, cpus: string | undefined): Work {
  return {
    name: NAME,
    unit: '/s',
    ours: readList('ours, cached', ours, seconds),
    against: [
      ...(original ? [{ subject: readList('the original, cached', original.api, seconds), bar: 8, aim: 15 }] : []),
      ...(whyNoRedisBenchmark()
        ? []
        : [
            {
              subject: redisBenchmark('redis-benchmark, GET of the cached value', {
                redisUrl: ours.redisUrl ?? '',
                cpus,
                amount: 20_000 * seconds,
                command: ['GET', 'products:all'],
              }),
            },
          ]),
    ],
  }
}
