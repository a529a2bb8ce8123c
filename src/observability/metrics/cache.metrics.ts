import { Counter, Histogram } from 'prom-client'
import type { CacheAside, Outcome } from '../../patterns/cache/cache-aside.ts'
import type { Registry } from './registry.ts'

const outcomes: Outcome[] = ['hit', 'stored', 'not-stored', 'collapsed', 'unavailable']

/** The same cache-aside, whose reads, loads and invalidations are counted. */
export function countReads(list: CacheAside, registry: Registry): CacheAside {
  const registers = [registry]
  const reads = new Counter({
    name: 'shop_cache_reads_total',
    help: 'Reads of the cached product list: hit; missed and stored, not-stored (a write came between) or collapsed (waited for another load); cache unavailable.',
    labelNames: ['outcome'],
    registers,
  })
  const loads = new Histogram({
    name: 'shop_cache_load_duration_seconds',
    help: 'Time a read that missed waited for the database.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  const invalidations = new Counter({
    name: 'shop_cache_invalidations_total',
    help: 'Writes after which the cached product list was removed, or is to be once the cache is back.',
    registers,
  })
  for (const outcome of outcomes) reads.inc({ outcome }, 0)

  return {
    async read() {
      const found = await list.read()
      reads.inc({ outcome: found.outcome })
      if (found.outcome !== 'hit') loads.observe(found.loadMs / 1000)
      return found
    },
    async invalidate() {
      await list.invalidate()
      invalidations.inc()
    },
  }
}
