import type { Queue } from 'bullmq'
import { Gauge } from 'prom-client'
import { within } from '../../within.ts'
import type { Registry } from './registry.ts'

/** A scrape waits this long for the store of the queue, and then goes without its figures. */
const TIMEOUT_MS = 1000

/**
 * How full the queue is, looked up when somebody asks. Every process tells of the same queue, so take the maximum over
 * instances, never the sum. While its store is away the figures are absent, which is not the same as nought.
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
      const found = await within(TIMEOUT_MS, queue.getJobCounts()).catch(() => undefined)
      if (!found) return
      // Orders of a paused queue are waiting ones; only BullMQ's PostgreSQL backend counts them apart.
      this.set({ state: 'waiting' }, (found.waiting ?? 0) + (found.paused ?? 0) + (found.prioritized ?? 0))
      for (const state of ['active', 'delayed', 'failed']) this.set({ state }, found[state] ?? 0)
    },
  })
  new Gauge({
    name: 'shop_queue_oldest_waiting_seconds',
    help: 'Age of the order that is the next to be processed, since it was accepted; 0 when none waits.',
    registers,
    async collect() {
      this.remove()
      const found = await within(TIMEOUT_MS, queue.getWaiting(0, 0)).catch(() => undefined)
      if (found) this.set(found[0] ? Math.max(0, Date.now() - found[0].timestamp) / 1000 : 0)
    },
  })
}
