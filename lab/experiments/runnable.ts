import type { Runnable } from '../experiment.ts'
import { cache } from './cache.experiment.ts'
import { exactlyOnce } from './exactly-once.experiment.ts'
import { health } from './health.experiment.ts'
import { loadLeveling } from './load-leveling.experiment.ts'
import { oversell } from './oversell.experiment.ts'
import { rateLimit } from './rate-limit.experiment.ts'
import { staleRestore } from './stale-restore.experiment.ts'
import { stampede } from './stampede.experiment.ts'

const runnables = [rateLimit, cache, stampede, staleRestore, loadLeveling, health, exactlyOnce, oversell]

/** The runnable experiment with this id. @throws TypeError when there is none */
export function findRunnable(id: string): Runnable {
  const found = runnables.find(({ about }) => about.id === id)
  if (!found) throw new TypeError(`unknown experiment: ${id}`)
  return found
}
