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

/** The experiment of the catalogue that has this id, to be run; undefined when there is none. */
export const findRunnable = (id: string): Runnable | undefined => runnables.find(({ about }) => about.id === id)
