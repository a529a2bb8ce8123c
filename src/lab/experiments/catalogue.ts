import type { Experiment } from '../protocol.ts'
import { oversell } from './oversell.text.ts'
import { staleRestore } from './stale-restore.text.ts'
import { stampede } from './stampede.text.ts'

/** Every experiment, in the order in which a lesson takes them. What runs them is in `runnable.ts`. */
export const catalogue: Experiment[] = [stampede, staleRestore, oversell]
