import type { Queue } from 'bullmq'

/** Jobs that may be taken while their ids are read: far more than workers take in a millisecond. */
const TAKEN_MEANWHILE = 1000

/**
 * Counts the jobs of the queue by their state. Jobs of a paused queue wait like others. BullMQ's `getJobCounts` counts
 * them nowhere in PostgreSQL, so the waiting ones are counted by priority, which a pause does not change.
 */
export async function countJobs(queue: Queue) {
  const [{ 0: waiting = 0 }, { prioritized = 0, active = 0, delayed = 0, failed = 0 }] = await Promise.all([
    queue.getCountsPerPriority([0]),
    queue.getJobCounts('prioritized', 'active', 'delayed', 'failed'),
  ])
  return { waiting: waiting + prioritized, active, delayed, failed }
}

/**
 * When the job that waits longest was put into the queue, in milliseconds since 1970; undefined when none waits. The ids
 * are read newest first: the other direction gives the oldest in Redis only (BullMQ 6.7 in PostgreSQL ignores it).
 */
export async function oldestWaiting(queue: Queue): Promise<number | undefined> {
  const { waiting } = await countJobs(queue)
  if (waiting === 0) return undefined
  const ids = await queue.getRanges(['waiting'], Math.max(0, waiting - TAKEN_MEANWHILE), waiting - 1)
  const oldest = ids.at(-1)
  return oldest === undefined ? undefined : (await queue.getJob(oldest))?.timestamp
}

/**
 * The size of the backlog, at the price of one count every `maxAge` milliseconds. Between counts this process adds what it
 * enqueued itself, processed or not. So the backlog is counted anew before an order is refused. Each replica may exceed
 * the cap by what it enqueues between two counts.
 */
export function backlog(queue: Queue, maxAge = 250) {
  let counted = 0
  let since = 0
  let countedAt = Number.NEGATIVE_INFINITY
  let counting: Promise<void> | undefined

  const count = async () => {
    const before = since
    const { waiting, delayed } = await countJobs(queue)
    counted = waiting + delayed
    since -= before
    countedAt = performance.now()
  }
  /** Counts anew, once for all callers that ask meanwhile. */
  const recount = () => {
    counting ??= count().finally(() => {
      counting = undefined
    })
    return counting
  }
  return {
    /** Orders that wait; exact at `cap` or more, as long as no other process adds or takes any. */
    async size(cap: number): Promise<number> {
      if (performance.now() - countedAt > maxAge || counted + since >= cap) await recount()
      return counted + since
    },
    added(): void {
      since += 1
    },
  }
}
