/** Calls `work` every `ms` milliseconds, one call at a time, until the signal aborts; resolves after the last call. */
export async function every(ms: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  for (let next = performance.now() + ms; !signal.aborted; next += ms) {
    await work()
    await pause(next - performance.now(), signal)
  }
}

/** Waits, at most until the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || ms <= 0) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}

/** Waits until a condition holds, polling every 50 ms. @throws after `ms` milliseconds, or when the signal aborts */
export async function eventually(
  what: string,
  ms: number,
  signal: AbortSignal,
  holds: () => Promise<boolean>,
): Promise<void> {
  for (const deadline = performance.now() + ms; !(await holds()); await pause(50, signal)) {
    signal.throwIfAborted()
    if (performance.now() > deadline) throw new Error(`timed out after ${ms / 1000} s, waiting until ${what}`)
  }
}
