import Type, { type Static } from 'typebox'
import { PartName, Text } from './part-schema.ts'

/** Of the last ten seconds, estimated from the histogram's buckets; null when nothing happened. */
const Percentiles = {
  p50_ms: Type.Union([Type.Number(), Type.Null()]),
  p99_ms: Type.Union([Type.Number(), Type.Null()]),
}

/** `fallback`: decided by this process alone because Redis is away; also counted in `allowed` or `denied`. */
const Limiter = Type.Object({ allowed: Type.Integer(), denied: Type.Integer(), fallback: Type.Integer() })

/** `errors`: answers with status 500 or more. `accepted`: orders answered 202. */
const ApiInstance = Type.Object({
  instance: Type.String(),
  pid: Type.Integer(),
  requests: Type.Integer(),
  errors: Type.Integer(),
  accepted: Type.Integer(),
  ...Percentiles,
})

/** Reads by outcome, as in the `Cache-Status` header. `ttl_ms`: of the cached list; null when it is not cached. */
const CacheCounts = Type.Object({
  store: Type.Enum(['memory', 'redis']),
  hit: Type.Integer(),
  stored: Type.Integer(),
  not_stored: Type.Integer(),
  collapsed: Type.Integer(),
  unavailable: Type.Integer(),
  invalidations: Type.Integer(),
  ttl_ms: Type.Union([Type.Number(), Type.Null()]),
})

/** Gauges, read once a second. */
const QueueGauges = Type.Object({
  store: Type.Enum(['postgres', 'redis']),
  waiting: Type.Integer(),
  active: Type.Integer(),
  delayed: Type.Integer(),
  failed: Type.Integer(),
  oldest_ms: Type.Number(),
})

/** `jobs`: attempts at orders. `retried`: attempts that ended in an error. The others: outcomes of orders. */
const WorkerInstance = Type.Object({
  instance: Type.String(),
  pid: Type.Integer(),
  jobs: Type.Integer(),
  retried: Type.Integer(),
  succeeded: Type.Integer(),
  rejected: Type.Integer(),
  failed: Type.Integer(),
  ...Percentiles,
})

const DatabaseCounts = Type.Object({
  pool_in_use: Type.Integer(),
  pool_size: Type.Integer(),
  pool_waiting: Type.Integer(),
  queries: Type.Integer(),
})

const Check = Type.Object({ status: Type.Enum(['ok', 'unavailable']), latency_ms: Type.Number() })

/**
 * `event: snapshot` of `GET /lab/live`: one a second, and up to four a second while counts change.
 *
 * Counts (`requests`, `allowed`, `hit`, `succeeded`, …) run since the shop's start, so the difference of two snapshots
 * is what happened between them. A negative difference means that the shop was restarted. The lab's own requests are
 * not counted. What cannot be read because its store is away is null.
 */
export const Snapshot = Type.Object({
  /** ISO 8601. */
  at: Type.String(),
  client: Type.Object({ requests: Type.Integer(), per_second: Type.Number() }),
  /** Null when `RATE_LIMIT=off`. */
  limiter: Type.Union([Limiter, Type.Null()]),
  api: Type.Array(ApiInstance),
  cache: CacheCounts,
  queue: Type.Union([QueueGauges, Type.Null()]),
  workers: Type.Array(WorkerInstance),
  database: DatabaseCounts,
  health: Type.Object({
    status: Type.Enum(['ok', 'degraded', 'unavailable']),
    checks: Type.Record(Type.String(), Check),
  }),
})
export type Snapshot = Static<typeof Snapshot>

/** `event: event` of `GET /lab/live`: something that a part did. A new reader first gets the last events of each part. */
export const PartEvent = Type.Object({ at: Type.String(), part: PartName, text: Text })
export type PartEvent = Static<typeof PartEvent>
