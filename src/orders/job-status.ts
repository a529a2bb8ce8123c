import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '../db/database.ts'
import { ProblemError, unavailable } from '../http/errors.ts'
import type { QueueChanges } from '../patterns/queue/queue-changes.ts'
import { within } from '../within.ts'
import { isFinal, type JobStatus, type OrderQueue, PROCESSING_FAILED } from './order-job.ts'
import { findOutcome, toOutcome } from './orders.queries.ts'

interface Options {
  db: Db
  queue: OrderQueue['queue']
  changes: QueueChanges
  timeout: number
  maxStreams: number
}

/** BullMQ's states of a job that has not ended, in the words of the contract. */
const underWay: Record<string, JobStatus['status']> = {
  active: 'running',
  waiting: 'queued',
  prioritized: 'queued',
  paused: 'queued',
}

/**
 * What became of an accepted order. The queue knows it while the job is under way, the database once it has ended: the
 * outcome is written with the order. Either alone is enough when the other is away: the queue for a job that waits while
 * PostgreSQL is down, the database for a job that ended before Redis was emptied.
 */
export function jobStatuses({ db, queue, changes, timeout, maxStreams }: Options) {
  let open = 0
  return { read, watch }

  /** @throws ProblemError 404 when neither knows the job, 503 when one that may know it is away */
  async function read(job_id: string): Promise<JobStatus> {
    const deadline = performance.now() + timeout
    const [queued, stored] = await Promise.allSettled([
      within(timeout, fromQueue(queue, job_id)),
      within(timeout, fromDatabase(db, job_id)),
    ])
    const inQueue = queued.status === 'fulfilled' ? queued.value : undefined
    const ended = stored.status === 'fulfilled' ? stored.value : undefined
    // What is on record is final, except the failure of a job that was redriven and is under way again.
    if (ended && !(ended.status === 'failed' && inQueue && !isFinal(inQueue))) return ended
    if (inQueue) return inQueue
    for (const source of [queued, stored]) {
      if (source.status === 'rejected')
        throw unavailable('status_unavailable', 'The state of the order cannot be told right now.', source.reason)
    }
    // It may have ended and left the queue between the reads of the two: then the database has it now.
    const endedSince = await within(deadline - performance.now(), fromDatabase(db, job_id)).catch((cause) => {
      throw unavailable('status_unavailable', 'The state of the order cannot be told right now.', cause)
    })
    if (!endedSince) throw new ProblemError(404, 'job_not_found', `There is no order job ${job_id}.`)
    return endedSince
  }

  /**
   * The states of a job as they change, the present one first, ending after the final one or with the signal.
   * The queue's events wake it; a look every second makes up for an event that was lost, and a few in the first
   * second for those from before the queue was listened to.
   * @throws ProblemError 503 when as many are open as may be
   */
  async function* watch(job_id: string, signal: AbortSignal): AsyncGenerator<JobStatus> {
    if (open >= maxStreams)
      throw unavailable('too_many_streams', 'Too many clients wait for orders; ask without waiting.')
    open += 1
    let wakeUp = () => {}
    const leave = changes.listen(job_id, () => wakeUp())
    try {
      let last: string | undefined
      let pause = 25
      while (!signal.aborted) {
        // Armed before the look, so that a change during it is not missed.
        const woken = new Promise<void>((resolve) => {
          wakeUp = resolve
        })
        const status = await read(job_id).catch((error) => {
          if (last === undefined || !(error instanceof ProblemError && error.status === 503)) throw error
          return undefined // a client that waits already goes on waiting through an outage
        })
        if (status && JSON.stringify(status) !== last) {
          last = JSON.stringify(status)
          yield status
          if (isFinal(status)) return
        }
        const timer = new AbortController()
        const either = AbortSignal.any([signal, timer.signal])
        pause = changes.isSettling() ? 2 * pause : 1000
        await Promise.race([woken, sleep(pause, undefined, { signal: either }).catch(() => {})])
        timer.abort()
      }
    } finally {
      open -= 1
      leave()
    }
  }
}
export type JobStatuses = ReturnType<typeof jobStatuses>

async function fromQueue(queue: OrderQueue['queue'], job_id: string): Promise<JobStatus | undefined> {
  // The state first: the job is then as new or newer, and a final state finds its result there.
  const state = await queue.getJobState(job_id)
  const job = await queue.getJob(job_id)
  if (!job) return undefined
  const facts = {
    job_id,
    attempts: Math.min(job.attemptsMade + (state === 'active' ? 1 : 0), job.opts.attempts ?? 1),
    created_at: new Date(job.timestamp).toISOString(),
    updated_at: new Date(job.finishedOn ?? job.processedOn ?? job.timestamp).toISOString(),
  }
  if (state === 'completed') return { ...facts, ...job.returnvalue }
  if (state === 'failed') return { ...facts, status: 'failed', error: PROCESSING_FAILED }
  if (state === 'delayed') return { ...facts, status: 'retrying' }
  const status = underWay[state]
  return status && { ...facts, status }
}

async function fromDatabase(db: Db, job_id: string): Promise<JobStatus | undefined> {
  const row = await findOutcome(db, job_id)
  if (!row) return undefined
  const { attempts, created_at, updated_at } = row
  return { job_id, attempts, created_at, updated_at, ...toOutcome(row) }
}
