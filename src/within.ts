/** The promised thing did not happen in time. It may still happen. */
export class TimeoutError extends Error {
  override name = 'TimeoutError'
}

/** Waits for a promise `ms` milliseconds at most. @throws TimeoutError; what the promise does later is ignored. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(`no answer within ${ms} ms`)), Math.max(0, ms)) // Node warns below 0
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}
