import { spawnSync } from 'node:child_process'
import { CONNECTIONS } from '../load.ts'
import type { Subject } from '../work.ts'

/** Why redis-benchmark can't be compared with, or undefined. */
export function whyNoRedisBenchmark(): string | undefined {
  const found = spawnSync('redis-benchmark', ['--help']).error === undefined
  return found ? undefined : 'no redis-benchmark: apt-get install redis-tools'
}

/** A Redis command by itself, again and again, from as many connections: what the store could do, were there no API. */
export function redisBenchmark(
  name: string,
  options: { redisUrl: string; cpus: string | undefined; amount: number; command: string[] },
): Subject {
  const { redisUrl, cpus, amount, command } = options
  const pin = cpus === undefined ? [] : ['taskset', '-c', cpus]
  const [program = '', ...args] = [...pin, 'redis-benchmark', '-p', new URL(redisUrl).port, '-c', `${CONNECTIONS}`]
  return {
    name,
    async measure() {
      const run = spawnSync(program, [...args, '-n', `${amount}`, '--csv', ...command], { encoding: 'utf8' })
      // "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
      const [rate, , , p50, , p99] = run.stdout.match(/(?<=")[\d.]+(?=")/g)?.slice(-7) ?? []
      if (!Number(rate)) throw new Error(`redis-benchmark said: ${run.stdout}${run.stderr}`)
      return { value: Number(rate), p50: Number(p50), p99: Number(p99) }
    },
  }
}
