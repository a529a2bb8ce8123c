import type { Queue } from 'bullmq'
import { isDatabaseAway } from '../../db/away.ts'
import type { Logger } from '../../log.ts'

/** Completed jobs that stay for the dashboard to show. The database has how each order ended. */
export const KEPT_COMPLETED = 1000
const LOOK_MS = 5000
const PIECE = 1000

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
      if (first?.finishedOn) await removeUntil(first.finishedOn)
    } catch (err) {
      log[isDatabaseAway(err) ? 'debug' : 'warn']({ err }, 'completed jobs stay for now')
    }
    if (!isClosed) timer = setTimeout(trim, LOOK_MS).unref()
  }

  /** In pieces that are done in less time than a statement of the producer may take. */
  async function removeUntil(finishedOn: number): Promise<void> {
    let removed: string[]
    do removed = await queue.clean(Date.now() - finishedOn, PIECE, 'completed')
    while (removed.length === PIECE && !isClosed)
  }

  return {
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}
