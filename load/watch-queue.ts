import { setTimeout as sleep } from 'node:timers/promises'
import { queueDepth } from '../support/queue-depth.ts'

/** What was seen of the queue: milliseconds since the run began, and the orders that waited or were at hand. */
export interface Depth {
  at: number
  orders: number
}

/**
 * Looks at the queue each second, in the metrics of the shop, until `stop()`, and then until it is empty or `patience`
 * milliseconds are over. Where the metrics are not to be had, it has seen nothing and says why.
 */
export function watchQueue(url: string, headers: Record<string, string>) {
  const began = performance.now()
  const depths: Depth[] = []
  const stopped = new AbortController()
  let trouble: string | undefined

  const look = async () => {
    const orders = await queueDepth(url, headers)
    depths.push({ at: performance.now() - began, orders })
    return orders
  }
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      await look().catch((error) => (trouble = (error as Error).message))
      await sleep(1000, undefined, { signal: stopped.signal }).catch(() => {})
    }
  })()

  return {
    async stop(
      patience: number,
    ): Promise<{ depths: Depth[]; drained_ms: number | undefined; trouble: string | undefined }> {
      stopped.abort()
      await watching
      const end = performance.now()
      while (depths.length > 0 && performance.now() - end < patience) {
        const orders = await look().catch(() => undefined)
        if (orders === 0) return { depths, drained_ms: performance.now() - end, trouble }
        if (orders === undefined) break // not to be seen any more
        await sleep(250)
      }
      return { depths, drained_ms: undefined, trouble }
    },
  }
}
