/** How long after a Ctrl-C a second one still counts as the same. */
const SAME_KEYSTROKE_MS = 1000

/** The process was told to stop; the message names the signal. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}

/**
 * Aborts, with an {@link Interrupted}, when SIGINT or SIGTERM comes. One Ctrl-C may come twice, from the terminal and from
 * npm. A later one is meant: it ends the process at once, which loses no order, since the next start goes on with them.
 */
export function interruption(): AbortSignal {
  const interrupted = new AbortController()
  let firstAt = Number.POSITIVE_INFINITY
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (name === 'SIGINT' && performance.now() > firstAt + SAME_KEYSTROKE_MS) process.exit(130)
      firstAt = Math.min(firstAt, performance.now())
      interrupted.abort(new Interrupted(name))
    })
  }
  return interrupted.signal
}

/** Resolves with the reason once the signal has aborted. */
export function aborted(signal: AbortSignal): Promise<Error> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason)
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true })
  })
}
