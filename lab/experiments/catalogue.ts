import type { Experiment } from '../protocol/experiment-schema.ts'
import { cache } from './cache.text.ts'
import { exactlyOnce } from './exactly-once.text.ts'
import { health } from './health.text.ts'
import { loadLeveling } from './load-leveling.text.ts'
import { oversell } from './oversell.text.ts'
import { rateLimit } from './rate-limit.text.ts'
import { staleRestore } from './stale-restore.text.ts'
import { stampede } from './stampede.text.ts'

/** Every experiment, in the order of the lessons. The code that runs them is in `runnable.ts`. */
export const catalogue: Experiment[] = [
  rateLimit,
  cache,
  stampede,
  staleRestore,
  loadLeveling,
  health,
  exactlyOnce,
  oversell,
]
