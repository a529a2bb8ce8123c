import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Which processor cores what runs on, as `taskset -c` takes them; undefined where nothing can be pinned. */
export interface Cores {
  /** What is measured: the API, ours or a reference. */
  measured: string | undefined
  /** The load generator and the stores. */
  rest: string | undefined
  /** For what brings its store along. */
  all: string | undefined
  /** Said in the results. */
  note: string
}

/**
 * Gives the first core to what is measured, and the second to the load generator (this process) and the stores, which
 * inherit it. So no side's API competes with the load it is given.
 */
export function divideCores(): Cores {
  if (availableParallelism() < 2 || spawnSync('taskset', ['--version']).status !== 0)
    return {
      measured: undefined,
      rest: undefined,
      all: undefined,
      note: 'nothing pinned: it takes two cores and taskset (util-linux)',
    }
  spawnSync('taskset', ['-a', '-c', '-p', '1', `${process.pid}`])
  return {
    measured: '0',
    rest: '1',
    all: '0,1',
    note: 'what is measured on core 0; load generator, PostgreSQL and Redis on core 1',
  }
}
