import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../../src/log.ts'
import type { Registry } from '../../src/observability/metrics/registry.ts'
import type { Cache } from '../../src/patterns/cache/cache.ts'
import type { HealthMonitor } from '../../src/patterns/health/health-monitor.ts'
import type { PartEvent, Snapshot } from '../protocol/live-schema.ts'
import type { PartName } from '../protocol/part-schema.ts'
import { type Counts, readCounts } from './counts.ts'
import { eventsBetween } from './events.ts'
import { type LookedUp, lookUp, type Shop, toSnapshot } from './snapshot.ts'

const SAMPLE_MS = 250
const LOOK_UP_MS = 1000
/** Window of the percentiles and rates. */
const RECENT_MS = 10_000
/** Events of each part that a new watcher gets. */
const KEPT = 10

export type Push = (name: 'snapshot' | 'event', data: Snapshot | PartEvent) => void

interface Options {
  registry: Registry
  cache: Cache
  monitor: HealthMonitor
  shop: Shop
  log: Logger
}

/**
 * Watches the running shop from outside: four times a second it reads the metrics of `/metrics`, and reports the
 * differences. So requests do no work for the feed, and without watchers nothing runs.
 */
export function liveFeed({ registry, cache, monitor, shop, log }: Options) {
  const watchers = new Set<Push>()
  const last = new Map<PartName, PartEvent[]>()
  let recent: Counts[] = []
  let seen: LookedUp | undefined
  let seenAt = Number.NEGATIVE_INFINITY
  let saidAt = Number.NEGATIVE_INFINITY
  let said = ''
  let running = false

  return {
    /** Pushes snapshots and events until the returned function is called. */
    watch(push: Push): () => void {
      for (const event of [...last.values()].flat()) push('event', event)
      watchers.add(push)
      saidAt = Number.NEGATIVE_INFINITY
      if (!running) void run()
      return () => {
        watchers.delete(push)
      }
    },
  }

  async function run(): Promise<void> {
    running = true
    while (watchers.size > 0) {
      await look().catch((err) => log.debug({ err }, 'the live feed could not read the shop'))
      await sleep(SAMPLE_MS, undefined, { ref: false })
    }
    recent = []
    running = false
  }

  async function look(): Promise<void> {
    if (!seen || performance.now() - seenAt > LOOK_UP_MS) {
      const before = seen?.health.status
      seenAt = performance.now()
      seen = await lookUp({ registry, cache, monitor }, shop)
      if (before && before !== seen.health.status) tell('health', { en: seen.health.status, es: seen.health.status })
    }
    const now = await readCounts(registry)
    const before = recent.at(-1)
    recent = [...recent.filter(({ time }) => time > now.time - RECENT_MS), now]
    if (before) for (const { part, text } of eventsBetween(before, now)) tell(part, text)
    const snapshot = toSnapshot(shop, recent, seen)
    const { at: _, ...state } = snapshot
    const counts = JSON.stringify(state)
    if (counts === said && now.time - saidAt < 1000) return
    said = counts
    saidAt = now.time
    for (const push of watchers) push('snapshot', snapshot)
  }

  function tell(part: PartName, text: PartEvent['text']): void {
    const event = { at: new Date().toISOString(), part, text }
    last.set(part, [...(last.get(part) ?? []), event].slice(-KEPT))
    for (const push of watchers) push('event', event)
  }
}
export type LiveFeed = ReturnType<typeof liveFeed>
