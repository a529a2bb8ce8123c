import assert from 'node:assert/strict'
import { pbkdf2Sync } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

const ROUNDS = 5
const PAUSE_MS = 10
/** Work and timers of a process that has a processor to itself take no longer than this times what they must. */
const FREE = 1.3

/**
 * Does work whose subject is how soon it is done: within `ms` milliseconds. That is asserted on a machine that is measured
 * to be free, before and after; on another the time would tell what else runs there.
 */
export async function inTime<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const wasFree = await isFree()
  const start = performance.now()
  const result = await work()
  const took = Math.round(performance.now() - start)
  if (wasFree && took > ms && (await isFree())) assert.fail(`it took ${took} ms, and may take ${ms}`)
  return result
}

/** Whether some work and some timers take little longer than the processor time of the one and the length of the others. */
async function isFree(): Promise<boolean> {
  const start = performance.now()
  const before = process.threadCpuUsage()
  for (let round = 0; round < ROUNDS; round++) {
    pbkdf2Sync('', '', 20_000, 32, 'sha256') // some milliseconds
    await sleep(PAUSE_MS)
  }
  const { user, system } = process.threadCpuUsage(before)
  return performance.now() - start < FREE * ((user + system) / 1000 + ROUNDS * PAUSE_MS)
}
