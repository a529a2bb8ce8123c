import type { Queue } from 'bullmq'
import type { Logger } from '../log.ts'

/** Completed jobs that stay for the dashboard to show. The database has how each order ended. */
export const KEPT_COMPLETED = 1000
const LOOK_MS = 5000

/**
 * Removes completed jobs but the newest, every few seconds. BullMQ can do it with each completion, and does in Redis. In
 * PostgreSQL that looks through all that are kept, each time, and waits for whoever else does: with a thousand kept, it was
 * two thirds of what an order cost the worker.
 */
export function trimCompleted(queue: Queue, log: Logger): { close(): void } {
  let timer = setTimeout(trim, LOOK_MS).unref()
  let isClosed = false

  async function trim(): Promise<void> {
    try {
      const [first] = await queue.getJobs(['completed'], KEPT_COMPLETED, KEPT_COMPLETED) // the newest is number 0
      if (first?.finishedOn) await queue.clean(Date.now() - first.finishedOn, 0, 'completed')
    } catch (err) {
      log.debug({ err }, 'completed jobs stay for now')
    }
    if (!isClosed) timer = setTimeout(trim, LOOK_MS).unref()
  }

  return {
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}
