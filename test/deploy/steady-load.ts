import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, send } from '../../support/http.ts'

export interface LoadResult {
  requests: number
  /** Job ids of the orders that were answered 202. */
  accepted: string[]
  /** What went wrong, a line each: a status of 400 or above, or no answer. */
  failures: string[]
}

interface Options {
  /** Where the next request goes. */
  url(): string
  customer_id: number
  /** Requests a second; half of them are orders. */
  rate: number
}

/**
 * Sends requests at a steady rate, whether or not earlier ones were answered (an open loop: a shop that stalls is not
 * spared) until `stop()`. It sends nothing twice: each failure is on record. Half of the orders have an Idempotency-Key.
 */
export function steadyLoad({ url, customer_id, rate }: Options): { stop(): Promise<LoadResult> } {
  const result: LoadResult = { requests: 0, accepted: [], failures: [] }
  const open = new Set<Promise<void>>()
  const stopped = new AbortController()
  const read = () => send(`${url()}/products/`)
  const order = (headers = {}) => send(`${url()}/orders/`, { body: { customer_id, total: 1 }, headers })
  const tasks = [read, () => order({ 'idempotency-key': crypto.randomUUID() }), read, () => order()]

  const one = async (task: () => Promise<Answer>) => {
    try {
      const { status, text, json } = await task()
      if (status === 202) result.accepted.push(json.job_id)
      if (status >= 400) result.failures.push(`${status} ${text.slice(0, 300)}`)
    } catch (error) {
      result.failures.push(`no answer: ${error instanceof Error ? (error.cause ?? error) : error}`)
    }
  }
  const sending = (async () => {
    const start = performance.now()
    while (!stopped.signal.aborted) {
      const due = ((performance.now() - start) / 1000) * rate
      while (result.requests < due) {
        const task = tasks[result.requests % tasks.length]
        result.requests += 1
        if (!task) continue
        const request = one(task).finally(() => open.delete(request))
        open.add(request)
      }
      await sleep(1000 / rate, undefined, { signal: stopped.signal }).catch(() => {})
    }
  })()

  return {
    async stop() {
      stopped.abort()
      await sending
      await Promise.all(open)
      return result
    },
  }
}
