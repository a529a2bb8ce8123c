import type { Queue } from 'bullmq'
import { Gauge } from 'prom-client'
import { countJobs, oldestWaiting } from '../../patterns/queue/backlog.ts'
import { within } from '../../within.ts'
import type { Registry } from './registry.ts'

/** Milliseconds a scrape waits for the store of the queue before it goes without these figures. */
const TIMEOUT_MS = 1000

/**
 * How full the queue is, looked up for each scrape. Every process reports the same queue, so take the maximum over
 * instances, never the sum. While the store of the queue is away the figures are absent, which is not the same as 0.
 * @param max orders that may wait
 */
export function observeQueue(queue: Queue, max: number, registry: Registry): void {
  const registers = [registry]
  new Gauge({
    name: 'shop_queue_max_jobs',
    help: 'Orders that may wait (QUEUE_MAX_PENDING); over it, new ones are answered 503.',
    registers,
  }).set(max)
  new Gauge({
    name: 'shop_queue_jobs',
    help: 'Orders in the queue: waiting, active, delayed (to be tried again later), failed (dead letters).',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset()
      const found = await within(TIMEOUT_MS, countJobs(queue)).catch(() => ({}))
      for (const [state, count] of Object.entries(found)) this.set({ state }, count)
    },
  })
  new Gauge({
    name: 'shop_queue_oldest_waiting_seconds',
    help: 'Age of the order that is the next to be processed, since it was accepted; 0 when none waits.',
    registers,
    async collect() {
      this.remove()
      const found = await within(TIMEOUT_MS, oldestWaiting(queue)).catch(() => null)
      if (found === null) return
      this.set(found === undefined ? 0 : Math.max(0, Date.now() - found) / 1000)
    },
  })
}
