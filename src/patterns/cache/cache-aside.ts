import { type Cache, StoreUnavailable } from './cache.ts'

/** How an answer was made, in the words of RFC 9211 (Cache-Status) where it has one. */
export type Outcome = 'hit' | 'stored' | 'not-stored' | 'collapsed' | 'unavailable'

export interface CacheAside {
  read(): Promise<{ value: string; outcome: Outcome; ttlMs: number; loadMs: number }>
  /** To be awaited after a write has committed and before it is acknowledged. Never throws. */
  invalidate(): Promise<void>
}

interface Options {
  cache: Cache
  key: string
  /** Seconds an entry lives at most. */
  ttl: number
  /** Reads the truth, the expensive way. */
  load: () => Promise<string>
}

/**
 * Cache-aside (Azure Architecture Center; "look-aside" in Nishtala et al., Scaling Memcache at Facebook, 2013). A reader
 * asks the cache, and on a miss asks the database and stores the answer. A writer changes the database, then removes the
 * entry. That is simple, and goes wrong in three ways unless one takes care:
 *
 * 1. **The stale re-store.** A reader misses and reads the old rows; a writer commits and invalidates; the slow reader
 *    stores the old rows, and all others read them for a whole TTL. Here a reader stores only if no invalidation came
 *    between ({@link Cache.store}). Memcache's leases are the same fence.
 * 2. **The stampede.** A popular entry ends, and a hundred readers run the same query at once. Here they share one load
 *    (single flight). Sharing must not bring staleness back: a reader may join a load only if no write was acknowledged
 *    between the load's start and the reader's arrival. Equal generations prove it. A reader that arrived before the load
 *    ended, and heard of its miss only afterwards, takes the result of that load.
 * 3. **The lost cache.** Without the cache, readers go to the database, slower and correct. There is no generation to
 *    compare then, so a reader joins only a load that *starts after* it arrived. One load runs and one waits: the database
 *    has at most one of these queries at a time from each process.
 *
 * The TTL is the last defence, so it is never exceeded. Jitter keeps entries of one moment from ending together; it only
 * shortens the TTL, by up to a tenth.
 *
 * With drawings, experiments and exercises: docs/patterns/cache-aside.md.
 */
export function cacheAside({ cache, key, ttl, load }: Options): CacheAside {
  /** The load that began last. A reader whose miss is of an earlier generation cannot join it. */
  let latest: Flight | undefined
  let ended = 0
  const nextFlight = oneAhead(() => timed(load))

  return { read, invalidate: () => cache.invalidate(key) }

  async function read() {
    const endedBefore = ended
    const found = await cache.read(key).catch(ifUnavailable)
    if (!found) return { ...(await nextFlight()), outcome: 'unavailable' as const, ttlMs: 0 }
    if (found.hit) return { value: found.value, outcome: 'hit' as const, ttlMs: found.ttlMs, loadMs: 0 }

    const { generation } = found
    if (latest?.generation === generation && latest.end > endedBefore) {
      return { ...(await latest.loaded), outcome: 'collapsed' as const, ttlMs: 0 }
    }
    return fly({ generation, loaded: timed(load), end: Number.POSITIVE_INFINITY })
  }

  /** Loads and stores, for all readers that join meanwhile. */
  async function fly(flight: Flight) {
    latest = flight
    try {
      const loaded = await flight.loaded
      const ttlMs = Math.ceil(ttl * 1000 * (1 - Math.random() / 10))
      const stored = await cache.store(key, loaded.value, ttlMs, flight.generation).catch(ifUnavailable)
      flight.end = ++ended
      return { ...loaded, outcome: stored ? ('stored' as const) : ('not-stored' as const), ttlMs: stored ? ttlMs : 0 }
    } catch (error) {
      if (latest === flight) latest = undefined
      throw error
    }
  }
}

/** A load that readers share. */
interface Flight {
  generation: string
  loaded: Promise<Loaded>
  /** How many loads had ended when this one had; more than any number while it is under way. */
  end: number
}

interface Loaded {
  value: string
  /** Milliseconds the load took. */
  loadMs: number
}

async function timed(load: () => Promise<string>): Promise<Loaded> {
  const start = performance.now()
  const value = await load()
  return { value, loadMs: performance.now() - start }
}

/** Collapses calls into runs of `work` that start after the call: at most one run is under way and one is waiting. */
function oneAhead<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve()
  let waiting: Promise<T> | undefined
  return () => {
    waiting ??= running
      .catch(() => {})
      .then(() => {
        waiting = undefined
        const run = work()
        running = run
        return run
      })
    return waiting
  }
}

function ifUnavailable(error: unknown): undefined {
  if (!(error instanceof StoreUnavailable)) throw error
}
