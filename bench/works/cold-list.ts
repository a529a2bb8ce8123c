import type { Stage } from '../stage.ts'
import type { Work } from '../work.ts'
import { readList } from './cached-list.ts'

/** The list when the cache has nothing: one look into Redis and one query for each read, on both sides. */
export function coldList({ uncached, uncachedOriginal }: Stage, seconds: number): Work {
  return {
    name: 'cold GET /products/',
    unit: '/s',
    ours: readList('ours, cache off', uncached, seconds),
    against: uncachedOriginal
      ? [{ subject: readList('the original, cache off', uncachedOriginal, seconds), bar: 3, aim: 6 }]
      : [],
  }
}
