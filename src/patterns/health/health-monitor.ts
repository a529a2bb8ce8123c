import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import { isMigrated } from '../../db/migrations.ts'
import { within } from '../../within.ts'

/** One dependency as last seen. */
export interface Check {
  status: 'ok' | 'unavailable'
  latency_ms: number
}

export interface Health {
  status: 'ok' | 'degraded' | 'unavailable'
  checks: Record<string, Check>
}

interface Options {
  /** What the process cannot work without. */
  required: Record<string, () => Promise<unknown>>
  /** What it can do without, at a price. */
  optional: Record<string, () => Promise<unknown>>
}

const CACHE_MS = 1000
const TIMEOUT_MS = 1000

/**
 * Health endpoint monitoring (Azure Architecture Center). Readiness follows what is required alone: if it included what
 * the shop can do without, an outage that degrades it would take it down. Answers are kept for a second and shared, so
 * that a storm of probes costs one check. With an experiment and exercises: docs/patterns/health-endpoint-monitoring.md.
 */
export function healthMonitor({ required, optional }: Options) {
  let draining = false
  let last: { at: number; health: Promise<Health> } | undefined

  return {
    /** First thing on shutdown: load balancers stop sending before the process stops taking. */
    drain() {
      draining = true
    },
    async check(): Promise<Health> {
      if (!last || performance.now() - last.at > CACHE_MS) last = { at: performance.now(), health: examine() }
      const health = await last.health
      return draining ? { ...health, status: 'unavailable' } : health
    },
  }

  async function examine(): Promise<Health> {
    const probe = async ([name, look]: [string, () => Promise<unknown>]) => [name, await measure(look)] as const
    const [needed, wanted] = await Promise.all(
      [required, optional].map((checks) => Promise.all(Object.entries(checks).map(probe))),
    )
    const isDown = ([, check]: readonly [string, Check]) => check.status !== 'ok'
    const status = needed?.some(isDown) ? 'unavailable' : wanted?.some(isDown) ? 'degraded' : 'ok'
    return { status, checks: Object.fromEntries([...(needed ?? []), ...(wanted ?? [])]) }
  }
}
export type HealthMonitor = ReturnType<typeof healthMonitor>

async function measure(look: () => Promise<unknown>): Promise<Check> {
  const start = performance.now()
  const status = await within(TIMEOUT_MS, look()).then(
    () => 'ok' as const,
    () => 'unavailable' as const,
  )
  return { status, latency_ms: Math.round((performance.now() - start) * 100) / 100 }
}

/** Whether the database answers and has the schema that this code needs; the latter is asked until it was true once. */
export function databaseCheck(db: Db): () => Promise<void> {
  let migrated = false
  return async () => {
    if (migrated) await sql`select 1`.execute(db)
    else migrated = await isMigrated(db)
    if (!migrated) throw new Error('the schema is not up to date')
  }
}
