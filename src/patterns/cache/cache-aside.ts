import { type Cache, StoreUnavailable } from './cache.ts'

/** How an answer came about, in the words of RFC 9211 (Cache-Status) as far as it has them. */
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
 * Cache-aside (Azure Architecture Center; "look-aside" in Nishtala et al., Scaling Memcache at Facebook, 2013): the
 * reader asks the cache, on a miss asks the database and stores what it got; the writer changes the database and then
 * removes the entry. Simple, and wrong in three ways unless one takes care:
 *
 * 1. **The stale re-store.** A reader misses and reads the old rows; a writer commits and invalidates; the reader, slow,
 *    stores the old rows, and all read them for a whole TTL. Here the reader stores only if no invalidation came between
 *    ({@link Cache.store}): the fence that memcache's leases are, too.
 * 2. **The stampede.** A popular entry ends, and a hundred readers run the same query at once. Here they share one
 *    (single flight). Sharing must not bring staleness back: a reader may join a load only if no write was acknowledged
 *    between that load's start and the reader's arrival. Equal generations prove it.
 * 3. **The lost cache.** With the cache away, readers go to the database, slower and correct. There is no generation to
 *    compare then, so a reader joins only a load that *starts after* it arrived: one runs, one waits, and the database
 *    has at most one of these queries at a time from each process.
 *
 * The TTL is what remains when all else fails, so it is never exceeded: jitter, which keeps entries of one moment from
 * ending in one moment, only shortens it, by up to a tenth.
 *
 * With drawings, experiments and exercises: docs/patterns/cache-aside.md.
 */
export function cacheAside({ cache, key, ttl, load }: Options): CacheAside {
  /** The load that began last and is under way: those of an earlier generation can't be joined by who comes now. */
  let latest: { generation: string; loaded: Promise<Loaded> } | undefined
  const nextFlight = oneAhead(() => timed(load))

  return { read, invalidate: () => cache.invalidate(key) }

  async function read() {
    const found = await cache.read(key).catch(ifUnavailable)
    if (!found) return { ...(await nextFlight()), outcome: 'unavailable' as const, ttlMs: 0 }
    if (found.hit) return { value: found.value, outcome: 'hit' as const, ttlMs: found.ttlMs, loadMs: 0 }

    const { generation } = found
    if (latest?.generation === generation) {
      return { ...(await latest.loaded), outcome: 'collapsed' as const, ttlMs: 0 }
    }
    const flight = { generation, loaded: timed(load) }
    latest = flight
    try {
      const loaded = await flight.loaded
      const ttlMs = Math.ceil(ttl * 1000 * (1 - Math.random() / 10))
      const stored = await cache.store(key, loaded.value, ttlMs, generation).catch(ifUnavailable)
      return { ...loaded, outcome: stored ? ('stored' as const) : ('not-stored' as const), ttlMs: stored ? ttlMs : 0 }
    } finally {
      if (latest === flight) latest = undefined
    }
  }
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
