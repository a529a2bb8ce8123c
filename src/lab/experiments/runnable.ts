import type { Runnable } from '../experiment.ts'
import { cache } from './cache.ts'
import { exactlyOnce } from './exactly-once.ts'
import { health } from './health.ts'
import { loadLeveling } from './load-leveling.ts'
import { oversell } from './oversell.ts'
import { rateLimit } from './rate-limit.ts'
import { staleRestore } from './stale-restore.ts'
import { stampede } from './stampede.ts'

const runnables = [rateLimit, cache, stampede, staleRestore, loadLeveling, health, exactlyOnce, oversell]

/** How an experiment of the catalogue is run. @throws TypeError when there is none of this id */
export function findRunnable(id: string): Runnable {
  const found = runnables.find(({ about }) => about.id === id)
  if (!found) throw new TypeError(`there is no experiment ${id}`)
  return found
}
