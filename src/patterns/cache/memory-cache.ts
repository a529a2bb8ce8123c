import type { Cache, CacheEntry } from './cache.ts'

/**
 * A cache in this process, for a shop without Redis. JavaScript runs one function at a time, so each method is atomic. A
 * second API process would not see this one's invalidations, which is what Redis is for.
 */
export function memoryCache(now: () => number = () => performance.now()): Cache {
  const values = new Map<string, { value: string; expires: number }>()
  const generations = new Map<string, number>()

  const fresh = (key: string) => {
    const entry = values.get(key)
    if (entry && entry.expires <= now()) values.delete(key)
    return values.get(key)
  }
  const generation = (key: string) => generations.get(key) ?? 0

  return {
    async read(key) {
      const entry = fresh(key)
      if (entry) return { hit: true, value: entry.value, ttlMs: entry.expires - now() }
      return { hit: false, generation: String(generation(key)) }
    },
    async store(key, value, ttlMs, expected) {
      if (String(generation(key)) !== expected) return false
      values.set(key, { value, expires: now() + ttlMs })
      return true
    },
    async invalidate(key) {
      generations.set(key, generation(key) + 1)
      values.delete(key)
    },
    async entries() {
      return [...values.keys()].flatMap((key): CacheEntry[] => {
        const entry = fresh(key)
        return entry ? [{ key, ttl: Math.ceil((entry.expires - now()) / 1000), value: entry.value }] : []
      })
    },
    async close() {},
  }
}
