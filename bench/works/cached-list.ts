import { fire } from '../load.ts'
import { redisBenchmark, whyNoRedisBenchmark } from '../references/redis-benchmark.ts'
import type { Stage } from '../stage.ts'
import type { Subject, Work } from '../work.ts'

/** `GET /products/` from a URL, of the process `pid`. */
export const readList = (name: string, { url, pid }: { url: string; pid: number }, seconds: number): Subject => ({
  name,
  measure: () => fire(url, { request: { path: '/products/' }, expect: 200, warmUp: seconds / 2, seconds, pid }),
})

/** The list of 100 products out of the cache, limits off. */
export function cachedList(stage: Stage, seconds: number, cpus: string | undefined): Work {
  const { ours, loggingFastify, bareFastify, bareHttp, original } = stage
  const redisUrl = ours.redisUrl ?? ''
  return {
    name: 'cached GET /products/',
    unit: '/s',
    ours: readList('ours, cached', ours, seconds),
    against: [
      { subject: readList('bare Fastify, the same bytes and a log', loggingFastify, seconds), bar: 0.6, aim: 0.9 },
      ...(original ? [{ subject: readList('the original, cached', original.api, seconds), bar: 8, aim: 15 }] : []),
      { subject: readList('bare Fastify, the same bytes', bareFastify, seconds) },
      { subject: readList('bare node:http, the same bytes', bareHttp, seconds) },
      ...(whyNoRedisBenchmark()
        ? []
        : [
            {
              subject: redisBenchmark('redis-benchmark, GET of the cached value', {
                redisUrl,
                cpus,
                amount: 20_000 * seconds,
                command: ['GET', 'products:all'],
              }),
            },
          ]),
    ],
  }
}
