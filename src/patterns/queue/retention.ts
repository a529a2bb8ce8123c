import type { Queue } from 'bullmq'
import { isDatabaseAway } from '../../db/away.ts'
import type { Logger } from '../../log.ts'

/** Completed jobs kept for the dashboard. The database keeps how each order ended. */
export const KEPT_COMPLETED = 1000
const LOOK_MS = 5000
const PIECE = 1000

/**
 * Removes all completed jobs but the newest, every few seconds. BullMQ can do it with each completion, and does in Redis.
 * In PostgreSQL each of these removals scans all completed jobs and waits for other removals: with a thousand kept, that
 * was two thirds of an order's cost for the worker.
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

  /** Removes in pieces, each of which ends within the time that a statement of the producer may take. */
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
