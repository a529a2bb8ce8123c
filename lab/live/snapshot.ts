import type { Registry } from '../../src/observability/metrics/registry.ts'
import type { Cache } from '../../src/patterns/cache/cache.ts'
import type { HealthMonitor } from '../../src/patterns/health/health-monitor.ts'
import type { Snapshot } from '../protocol/live-schema.ts'
import { type Counts, quantileMs, timesBetween } from './counts.ts'

/** The instance that answers, and its stores. */
export interface Shop {
  instance: string
  redis: boolean
}

/** What has to be read from a store; once a second is enough. */
export type LookedUp = Pick<Snapshot, 'queue' | 'health'> & { ttl_ms: number | null }

export async function lookUp(
  parts: { registry: Registry; cache: Cache; monitor: HealthMonitor },
  { redis }: Shop,
): Promise<LookedUp> {
  const [jobs, oldest, entries, health] = await Promise.all([
    parts.registry.getSingleMetric('shop_queue_jobs')?.get(),
    parts.registry.getSingleMetric('shop_queue_oldest_waiting_seconds')?.get(),
    parts.cache.entries().catch(() => []),
    parts.monitor.check(),
  ])
  const count = (state: string) => jobs?.values.find(({ labels }) => labels.state === state)?.value ?? 0
  return {
    queue:
      jobs && jobs.values.length > 0
        ? {
            store: redis ? 'redis' : 'postgres',
            waiting: count('waiting'),
            active: count('active'),
            delayed: count('delayed'),
            failed: count('failed'),
            oldest_ms: Math.round((oldest?.values[0]?.value ?? 0) * 1000),
          }
        : null,
    health,
    ttl_ms: entries[0] ? entries[0].ttl * 1000 : null,
  }
}

/**
 * The whole shop at one moment. `recent`: the counts of the last ten seconds, oldest first; percentiles and rates are
 * taken over them.
 */
export function toSnapshot({ instance, redis }: Shop, recent: readonly Counts[], seen: LookedUp): Snapshot {
  const now = recent.at(-1) as Counts
  const oldest = recent[0] as Counts
  const second = recent.findLast(({ time }) => time <= now.time - 1000) ?? oldest
  const requests = total(now.answers)
  const elapsed = (now.time - second.time) / 1000
  const of = (counts: Map<string, number> | undefined, key: string) => counts?.get(key) ?? 0
  const errors = [...now.answers].filter(([answer]) => / 5\d\d$/.test(answer))
  const accepted = of(now.answers, 'POST /orders/ 202')
  const answered = timesBetween(oldest.answerTimes, now.answerTimes)
  const ran = timesBetween(oldest.runTimes, now.runTimes)
  const self = { instance, pid: process.pid }
  return {
    at: new Date().toISOString(),
    client: {
      requests,
      per_second: elapsed > 0 ? Math.round(((requests - total(second.answers)) / elapsed) * 10) / 10 : 0,
    },
    limiter: now.decisions
      ? {
          allowed: of(now.decisions, 'allowed'),
          denied: of(now.decisions, 'denied'),
          fallback: of(now.decisions, 'fallback'),
        }
      : null,
    api: [{ ...self, requests, errors: total(new Map(errors)), accepted, ...percentiles(answered) }],
    cache: {
      store: redis ? 'redis' : 'memory',
      hit: of(now.reads, 'hit'),
      stored: of(now.reads, 'stored'),
      not_stored: of(now.reads, 'not-stored'),
      collapsed: of(now.reads, 'collapsed'),
      unavailable: of(now.reads, 'unavailable'),
      invalidations: now.invalidations,
      ttl_ms: seen.ttl_ms,
    },
    queue: seen.queue,
    workers: [
      {
        ...self,
        jobs: total(now.runs),
        retried: of(now.runs, 'error'),
        succeeded: of(now.ended, 'succeeded'),
        rejected: of(now.ended, 'rejected'),
        failed: of(now.ended, 'failed'),
        ...percentiles(ran),
      },
    ],
    database: {
      pool_in_use: now.pool.in_use,
      pool_size: now.pool.size,
      pool_waiting: now.pool.waiting,
      queries: now.queries,
    },
    health: seen.health,
  }
}

const total = (counts: Map<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0)
const percentiles = (times: Counts['runTimes']) => ({ p50_ms: quantileMs(times, 0.5), p99_ms: quantileMs(times, 0.99) })
