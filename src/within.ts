/** There was no answer in time. What was asked for may still happen. */
export class TimeoutError extends Error {
  override name = 'TimeoutError'
}

/**
 * Waits for a promise, `ms` milliseconds at most. What the promise does later is ignored.
 * @throws TimeoutError
 */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const expire = () => late.reject(new TimeoutError(`no answer within ${ms} ms`))
  // After a process has stood still its timers run first. An answer that has arrived meanwhile is read before setImmediate.
  const timer = setTimeout(() => setImmediate(expire), Math.max(0, ms)) // Node warns below 0
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
