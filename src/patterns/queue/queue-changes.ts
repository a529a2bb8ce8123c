import { openQueueEvents, type QueueStore } from './queue.ts'

/** Notifies of jobs that change their state, in whatever process. */
export interface QueueChanges {
  /** Calls `changed` when the job changes its state, until the returned function is called. */
  listen(jobId: string, changed: () => void): () => void
  /** Whether it has only just begun to listen, so a change may have been missed. */
  isSettling(): boolean
  close(): Promise<void>
}

/** How long to go on reading after the last listener has left: the next may come soon. */
const LINGER_MS = 10_000
/** How long after it has begun to read a change may have been missed. */
const SETTLING_MS = 1000

/**
 * Reads the queue's events only while a client waits for a job. Each order makes three events, and each API process would
 * read those of all orders. That is a tenth of the processor time of taking an order, and clients seldom wait.
 */
export function openQueueChanges(store: QueueStore): QueueChanges {
  const listeners = new Map<string, Set<() => void>>()
  let events: { close(): Promise<void> } | undefined
  let since = 0
  let lingering: NodeJS.Timeout | undefined

  const stop = async () => {
    clearTimeout(lingering)
    const stopped = events
    events = undefined
    await stopped?.close()
  }
  return {
    listen(jobId, changed) {
      const ofJob = listeners.get(jobId) ?? new Set()
      listeners.set(jobId, ofJob.add(changed))
      clearTimeout(lingering)
      if (!events) since = performance.now()
      events ??= openQueueEvents(store, (job) => listeners.get(job)?.forEach((tell) => void tell()))
      return () => {
        ofJob.delete(changed)
        if (ofJob.size === 0) listeners.delete(jobId)
        if (listeners.size === 0) lingering = setTimeout(stop, LINGER_MS).unref()
      }
    },
    isSettling: () => performance.now() - since < SETTLING_MS,
    close: stop,
  }
}
