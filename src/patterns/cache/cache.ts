/** The cache did not do what it was asked; the caller goes on without it. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable'
  constructor(cause?: unknown) {
    super('the cache is unavailable', { cause })
  }
}

/**
 * What cache-aside needs of a cache: two implementations, `memory-cache.ts` and `redis-cache.ts`.
 *
 * Beside its value each key has a *generation*, a token that every invalidation replaces. A reader that misses gets the
 * generation of that moment, and may store only while it still stands: the fence that closes the race of
 * `cache-aside.ts`. A token is never used twice, not even after the store was emptied.
 */
export interface Cache {
  /** @throws StoreUnavailable */
  read(key: string): Promise<CacheRead>
  /**
   * Stores a value unless the key was invalidated since `generation` was read. Returns whether it did. Two values of a key
   * that differ must differ in their first 64 characters: the product list begins with its entity tag, a hash of the rest.
   * @throws StoreUnavailable
   */
  store(key: string, value: string, ttlMs: number, generation: string): Promise<boolean>
  /** Removes the value and starts a new generation. Never throws: each implementation makes up for one that failed. */
  invalidate(key: string): Promise<void>
  /** What is cached now, for people to look at. @throws StoreUnavailable */
  entries(): Promise<CacheEntry[]>
  close(): Promise<void>
}

export type CacheRead = { hit: true; value: string; ttlMs: number } | { hit: false; generation: string }

export interface CacheEntry {
  key: string
  /** Seconds left to live. */
  ttl: number
  value: string
}
