import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { startRedis } from '../support/servers.ts'
import { median, percentile } from '../support/statistics.ts'

// What `appendfsync` costs an order's way into the queue: `node bench/redis-persistence.ts`, about 40 s. Real Redis
// servers of its own, the real `queue.add`, `inFlight` of them at a time; the settings take turns, the median counts.
const SECONDS = 2
const ROUNDS = 3
const order = { order: { customer_id: 1, total: 199.99 }, request_id: '0b7c6f0e-6f6e-4a52-9d8e-3f0f4c1f6c55' }

const results = new Map<string, { rate: number; p50: number; p99: number }[]>()
for (let round = 0; round < ROUNDS; round++) {
  for (const appendfsync of ['always', 'everysec', 'no']) {
    const redis = await startRedis('--appendfsync', appendfsync)
    for (const inFlight of [1, 50]) {
      const name = `${appendfsync}, ${inFlight} in flight`
      results.set(name, [...(results.get(name) ?? []), await measure(redis.url, inFlight)])
    }
    await redis.stop()
  }
}
console.table(
  Object.fromEntries(
    [...results].map(([name, runs]) => {
      const middle = (field: 'rate' | 'p50' | 'p99') => median(runs.map((run) => run[field]))
      return [name, { 'adds/s': Math.round(middle('rate')), 'p50 ms': middle('p50'), 'p99 ms': middle('p99') }]
    }),
  ),
)

async function measure(url: string, inFlight: number) {
  const connection = new Redis(url)
  const queue = new Queue('bench', { connection })
  const times: number[] = []
  const until = performance.now() + SECONDS * 1000
  const client = async () => {
    for (let start = performance.now(); start < until; start = performance.now()) {
      await queue.add('order', order)
      times.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, client))
  await queue.close()
  connection.disconnect()
  const at = (share: number) => Math.round(percentile(times, share) * 100) / 100
  return { rate: times.length / SECONDS, p50: at(0.5), p99: at(0.99) }
}
