import type { Registry } from '../../src/observability/metrics/registry.ts'

/** A histogram's buckets: how many values were at most `le` seconds, cumulative, by ascending `le`; and the sum of all. */
export interface Times {
  buckets: [le: number, count: number][]
  sum: number
  count: number
}

/** What the shop has counted since its start; two of these tell what happened between. */
export interface Counts {
  /** Milliseconds, of a clock that never jumps. */
  time: number
  /** Answers by `GET /products/ 200`. */
  answers: Map<string, number>
  answerTimes: Times
  /** By `allowed`, `denied` and `fallback`; undefined without a limiter. */
  decisions: Map<string, number> | undefined
  /** By outcome, as `hit`. */
  reads: Map<string, number>
  loadTimes: Times
  invalidations: number
  /** Runs of orders by result, as `error`. */
  runs: Map<string, number>
  runTimes: Times
  /** Ends of orders by outcome, as `rejected`. */
  ended: Map<string, number>
  queries: number
  pool: { in_use: number; size: number; waiting: number }
}

interface Value {
  value: number
  labels: Partial<Record<string, string | number>>
  metricName?: string
}

/** Reads the counts from the registry of `/metrics`, without the lab's own requests. */
export async function readCounts(registry: Registry): Promise<Counts> {
  const read = async (name: string) =>
    (((await registry.getSingleMetric(name)?.get())?.values ?? []) as Value[]).filter(
      ({ labels }) => !String(labels.route ?? '').startsWith('/lab'),
    )
  const [answers, decisions, reads, loads, invalidations, runs, ended, queries, connections, size, waiting] =
    await Promise.all(
      [
        'shop_http_request_duration_seconds',
        'shop_rate_limit_decisions_total',
        'shop_cache_reads_total',
        'shop_cache_load_duration_seconds',
        'shop_cache_invalidations_total',
        'shop_job_duration_seconds',
        'shop_jobs_ended_total',
        'shop_db_queries_total',
        'shop_db_pool_connections',
        'shop_db_pool_max_connections',
        'shop_db_pool_waiting_requests',
      ].map(read),
    )
  return {
    time: performance.now(),
    answers: sumBy(counted(answers), ({ method, route, status }) => [`${method} ${route} ${status}`]),
    answerTimes: timesOf(answers),
    decisions:
      decisions?.length === 0
        ? undefined
        : sumBy(decisions, ({ decision, fallback }) => [
            String(decision),
            ...(fallback === 'true' ? ['fallback'] : []),
          ]),
    reads: sumBy(reads, ({ outcome }) => [String(outcome)]),
    loadTimes: timesOf(loads),
    invalidations: sum(invalidations),
    runs: sumBy(counted(runs), ({ result }) => [String(result)]),
    runTimes: timesOf(runs),
    ended: sumBy(ended, ({ outcome }) => [String(outcome)]),
    queries: sum(queries),
    pool: {
      in_use: sum(connections?.filter(({ labels }) => labels.state === 'used')),
      size: sum(size),
      waiting: sum(waiting),
    },
  }
}

const sum = (values: Value[] = []) => values.reduce((total, { value }) => total + value, 0)
const counted = (values: Value[] = []) => values.filter(({ metricName }) => metricName?.endsWith('_count'))

function sumBy(values: Value[] = [], keys: (labels: Value['labels']) => string[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { labels, value } of values) for (const key of keys(labels)) sums.set(key, (sums.get(key) ?? 0) + value)
  return sums
}

function timesOf(values: Value[] = []): Times {
  const buckets = new Map<number, number>()
  for (const { labels, value, metricName } of values) {
    if (!metricName?.endsWith('_bucket')) continue
    const le = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le)
    buckets.set(le, (buckets.get(le) ?? 0) + value)
  }
  return {
    buckets: [...buckets].sort(([a], [b]) => a - b),
    sum: sum(values.filter(({ metricName }) => metricName?.endsWith('_sum'))),
    count: sum(counted(values)),
  }
}

/** What a histogram gained between two readings. */
export function timesBetween(before: Times, now: Times): Times {
  const earlier = new Map(before.buckets)
  return {
    buckets: now.buckets.map(([le, count]) => [le, count - (earlier.get(le) ?? 0)]),
    sum: now.sum - before.sum,
    count: now.count - before.count,
  }
}

/**
 * The quantile `q` of a histogram in milliseconds, interpolated within a bucket as Prometheus' `histogram_quantile` does.
 * Null without values; at most the last finite bound.
 */
export function quantileMs({ buckets, count }: Times, q: number): number | null {
  if (count <= 0) return null
  const rank = q * count
  let from = 0
  let below = 0
  for (const [le, reached] of buckets) {
    if (reached >= rank) {
      if (le === Number.POSITIVE_INFINITY) return Math.round(from * 1000)
      const share = reached === below ? 1 : (rank - below) / (reached - below)
      return Math.round((from + (le - from) * share) * 100_000) / 100
    }
    from = le
    below = reached
  }
  return null
}
