import type { Runnable } from '../experiment.ts'
import { oversell } from './oversell.ts'
import { staleRestore } from './stale-restore.ts'
import { stampede } from './stampede.ts'

const runnables = [stampede, staleRestore, oversell]

/** The experiment of the catalogue that has this id, to be run; undefined when there is none. */
export const findRunnable = (id: string): Runnable | undefined => runnables.find(({ about }) => about.id === id)
