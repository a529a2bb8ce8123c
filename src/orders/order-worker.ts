import { setTimeout as sleep } from 'node:timers/promises'
import { DelayedError, type Job, UnrecoverableError } from 'bullmq'
import { sql } from 'kysely'
import { isDatabaseAway } from '../db/away.ts'
import type { Db } from '../db/database.ts'
import { compile } from '../http/validation.ts'
import type { Logger } from '../log.ts'
import type { CacheAside } from '../patterns/cache/cache-aside.ts'
import { openWorker, type Processor, type QueueStore } from '../patterns/queue/queue.ts'
import { oncePerTurn } from '../redis/once-per-turn.ts'
import { batch } from './batch.ts'
import type { AcceptedOrder, decideOrders } from './decide-orders.ts'
import { insertOutcome, type JobFacts } from './decisions.queries.ts'
import { OrderJob, type Outcome, PROCESSING_FAILED } from './order-job.ts'
import { startPurging } from './purge.ts'

export type OrderProcessor = Processor<OrderJob, Outcome>

/** Counts and times what becomes of orders. */
export interface JobObserver {
  /** One run and its milliseconds; `postponed`: the database was away, and the run is begun again. */
  ran(result: 'succeeded' | 'rejected' | 'error' | 'postponed', ms: number): void
  /** The end of an order. */
  ended(outcome: Outcome['status'], facts: JobFacts): void
}

/** Puts spans around the processing of a job, and around the decision of the orders of one group. */
export interface WorkerTraces {
  process(process: OrderProcessor): OrderProcessor
  decide(decide: typeof decideOrders): typeof decideOrders
}

interface Options {
  store: QueueStore
  db: Db
  /** Connections to the database that this process has. */
  pool: number
  list: CacheAside
  decideOrders: typeof decideOrders
  observer: JobObserver
  traces: WorkerTraces | undefined
  concurrency: number
  /** Milliseconds that orders under way get, asked on close. */
  drain: () => number
  log: Logger
}

const isOrderJob = compile(OrderJob)

/**
 * Consumes orders. How it handles a failure:
 * - The database is away: the job stays with this worker until it is back, and loses no attempt.
 * - Anything else is thrown to the queue, which retries with exponential backoff. After the last attempt it keeps the job as
 *   a dead letter, and the outcome `failed` is put on record.
 */
export function startOrderWorker(options: Options) {
  const { store, db, traces, concurrency, drain, log } = options
  const stopping = new AbortController()
  const process = processor(options, stopping.signal)
  const worker = openWorker<OrderJob, Outcome>(
    store,
    { concurrency, drain },
    traces?.process(process) ?? process,
    (job, error) => void recordFailure(options, job, error),
  )
  const purging = startPurging(db, log)
  return {
    /** Takes no further job and waits for those under way. */
    async close() {
      purging.close()
      stopping.abort()
      await worker.close()
    },
  }
}

/** Processes one job: decides its order, with others under way at the same time, as soon as the database is there. */
function processor(options: Options, stopping: AbortSignal): OrderProcessor {
  const { db, list, observer, log } = options
  const run = runner(options)
  const invalidate = oncePerTurn(() => list.invalidate())

  return async (job, token) => {
    const facts: JobFacts = { job_id: job.id, attempts: job.attemptsMade + 1, accepted_at: new Date(job.timestamp) }
    if (!isOrderJob(job.data)) throw new UnrecoverableError('the job is not an order')
    const { order, request_id } = job.data
    const jobLog = log.child({ job_id: job.id, request_id })
    for (;;) {
      const outcome = await run({ facts, order }, jobLog)
      if (outcome) {
        observer.ended(outcome.status, facts)
        if (outcome.status === 'succeeded' && order.items) await invalidate()
        jobLog.info({ ...outcome, attempts: facts.attempts }, 'order processed')
        return outcome
      }
      await untilBack(db, stopping)
      if (stopping.aborted) {
        await job.moveToDelayed(Date.now() + 1000, token)
        throw new DelayedError()
      }
    }
  }
}

/** Decides an order in one run, which is counted and timed; undefined when the database is away. */
function runner({ db, pool, decideOrders, traces, observer, concurrency, log }: Options) {
  const decideTraced = traces?.decide(decideOrders) ?? decideOrders
  const decide = batch((jobs: readonly AcceptedOrder[]) => decideTraced(db, jobs), {
    most: concurrency,
    // Half of the pool: an order that gets no connection in time is postponed, and requests need connections, too.
    parallel: Math.max(1, Math.floor(pool / 2)),
    onFailure: (err, size) => log.warn({ err, size }, 'a group of orders failed; each is tried alone'),
  })
  return async (job: AcceptedOrder, jobLog: Logger): Promise<Outcome | undefined> => {
    const start = performance.now()
    const ran = (result: Parameters<JobObserver['ran']>[0]) => observer.ran(result, performance.now() - start)
    try {
      const outcome = await decide(job)
      ran(outcome.status === 'failed' ? 'error' : outcome.status)
      return outcome
    } catch (err) {
      const isAway = isDatabaseAway(err)
      ran(isAway ? 'postponed' : 'error')
      if (!isAway) {
        jobLog.error({ err, attempts: job.facts.attempts }, 'order failed')
        throw err
      }
      jobLog.warn({ err }, 'the database is away; the order waits')
      return undefined
    }
  }
}

/** Puts on record that an order failed for good, after its last attempt. */
async function recordFailure(
  { db, observer, log }: Options,
  job: Job<OrderJob, Outcome> | undefined,
  error: Error,
): Promise<void> {
  if (!job?.id || (job.attemptsMade < (job.opts.attempts ?? 1) && !(error instanceof UnrecoverableError))) return
  const facts = { job_id: job.id, attempts: job.attemptsMade, accepted_at: new Date(job.timestamp) }
  await insertOutcome(db, facts, 'failed', PROCESSING_FAILED).catch((err) =>
    log.error({ err, job_id: job.id }, 'a failure is on record in the queue only'),
  )
  observer.ended('failed', facts)
  log.error({ job_id: job.id, attempts: job.attemptsMade }, 'order put aside as a dead letter')
}

/** Waits, asking twice a second, until the database answers or the signal comes. */
async function untilBack(db: Db, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // First a pause: a full disk refuses each write, and still answers this.
    await sleep(500 * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {})
    const back = await sql`select 1`.execute(db).then(
      () => true,
      () => false,
    )
    if (back) return
  }
}
