import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Runs V8's garbage collector now: over all objects, or over the young ones, of which those that survive it twice are old. */
export function collect(type: 'major' | 'minor'): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (options: { type: 'major' | 'minor' }) => void
  gc({ type })
}

/** Bytes of the objects that V8 holds for old. */
export function oldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name }) => space_name === 'old_space' || space_name === 'large_object_space')
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0)
}

/** Bytes that became old while the work was done three times, each with a collection of young objects after it. */
export async function grownOld(work: () => unknown): Promise<number> {
  collect('major')
  const before = oldBytes()
  for (let times = 0; times < 3; times++) {
    await work()
    collect('minor')
  }
  return oldBytes() - before
}
