/** How many milliseconds old a reading of the clock may be: each reading is a system call. */
const MAX_AGE_MS = 5

let reading = { at: Number.NEGATIVE_INFINITY, worked: 0 }

/**
 * Milliseconds of processor time that this thread has used. Unlike the time of day it stands still while other processes
 * have the processor, and while the thread has nothing to do.
 */
export function threadTime(): number {
  const at = performance.now()
  if (at - reading.at >= MAX_AGE_MS) {
    const { user, system } = process.threadCpuUsage()
    reading = { at, worked: (user + system) / 1000 }
  }
  return reading.worked
}
