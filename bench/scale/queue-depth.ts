import { Redis } from 'ioredis'
import { openQueue } from '../../src/patterns/queue/queue.ts'
import { silent } from '../../support/servers.ts'
import { until } from '../../support/until.ts'
import type { Cores } from '../cores.ts'
import { fillOurs } from '../fill.ts'
import { fire } from '../load.ts'
import { countRows, ourBook } from '../orders.ts'
import { startOurs, startStores } from '../ours.ts'
import type { Row } from './table.ts'

const DRAIN_MS = 2000
const WAITING = 'bull:default:wait'

/** Copies a waiting job, in Redis itself: over HTTP a million would take minutes. KEYS[1] its hash; ARGV how many, prefix. */
const COPY = `
local fields = redis.call('HGETALL', KEYS[1])
for number = 1, ARGV[1] do
  local id = string.format('%s-%012x', ARGV[2], number)
  redis.call('HSET', 'bull:default:' .. id, unpack(fields))
  redis.call('LPUSH', 'bull:default:wait', id)
end`

/** A queue in which nobody to a million orders wait: what it takes in, and what a worker takes out. */
export async function atDepths(cores: Cores): Promise<Row[]> {
  const stores = await startStores()
  const rows: Row[] = []
  const redis = new Redis(stores.redis.url)
  const producer = openQueue({
    redisUrl: stores.redis.url,
    databaseUrl: stores.postgres.url,
    timeout: 30_000,
    log: silent,
  })
  try {
    await fillOurs(stores.postgres.url, { products: 100, orders: 0 })
    await producer.queue.pause()
    const { url, pid, stop } = await startOurs('api', { stores, cpus: cores.measured })
    const worker = await startOurs('worker', { stores, cpus: cores.measured })
    const book = await ourBook(stores.postgres.url)
    const place = (amount: number) =>
      fire(url, { request: () => book.request(), answered: book.answered, expect: 202, amount, pid })
    await place(2000)
    let batch = 0
    for (const size of [0, 10_000, 100_000, 1_000_000]) {
      for (let missing = size - (await producer.queue.count()); missing > 0; missing -= 10_000) {
        if ((await redis.llen(WAITING)) === 0) await place(1) // a fast worker has taken all that there was
        const [waiting] = await redis.lrange(WAITING, 0, 0)
        const prefix = `00000000-0000-4000-a${`${++batch}`.padStart(3, '0')}`
        await redis.eval(COPY, 1, `bull:default:${waiting}`, Math.min(missing, 10_000), prefix)
      }
      // What was copied made Redis write its file anew, beside all else: that is the copying's, not the queue's.
      await until(async () => /aof_rewrite_in_progress:0/.test(await redis.info('persistence')))
      const { value: taken, p99 = 0 } = await place(3000)
      const before = await countRows(stores.postgres.url, 'order_jobs')
      await producer.queue.resume()
      await until(async () => (await countRows(stores.postgres.url, 'order_jobs')) > before + 200)
      const first = await countRows(stores.postgres.url, 'order_jobs')
      const start = performance.now()
      const isOver = () => performance.now() > start + DRAIN_MS
      await until(async () => isOver() || (await redis.llen(WAITING)) === 0)
      const drained = (await countRows(stores.postgres.url, 'order_jobs')) - first
      const rate = drained / ((performance.now() - start) / 1000)
      await producer.queue.pause()
      const memory = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]) / 2 ** 20
      rows.push({
        size,
        figures: { 'orders taken /s': taken, 'p99 ms': p99, 'orders processed /s': rate, 'Redis MB': memory },
      })
    }
    await worker.stop()
    await stop()
  } finally {
    redis.disconnect()
    await producer.close()
    await stores.stop()
  }
  return rows
}
