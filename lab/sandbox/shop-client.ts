const PATIENCE_MS = 15_000

/** An answer as an experiment's client sees it. */
export interface Answer<Body> {
  /** 0 means no answer. */
  status: number
  headers: Headers
  body: Body
  /** Milliseconds from the request to the end of the body. */
  ms: number
}

/**
 * Sends a request and reads its JSON; with `parse: false` it only reads the bytes. Never rejects: no answer is a result,
 * too.
 */
export async function ask<Body>(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: unknown; parse?: boolean } = {},
): Promise<Answer<Body>> {
  const { method = options.body === undefined ? 'GET' : 'POST', headers = {}, body, parse = true } = options
  const began = performance.now()
  const ms = () => performance.now() - began
  try {
    const response = await fetch(url, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    const text = await response.text()
    const { status, headers: said } = response
    return { status, headers: said, body: JSON.parse((parse && text) || '{}') as Body, ms: ms() }
  } catch {
    return { status: 0, headers: new Headers(), body: {} as Body, ms: ms() }
  }
}

/** As `ask`, for requests that prepare an experiment. @throws when the status is not 2xx */
export async function must<Body>(url: string, options: Parameters<typeof ask>[1] = {}): Promise<Body> {
  const { status, body } = await ask<Body>(url, options)
  if (status < 200 || status > 299) throw new Error(`${url} answered ${status || 'nothing'}: ${JSON.stringify(body)}`)
  return body
}

/** The value below which a share `q` of the values lie (nearest rank); 0 of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0
}

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
