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
import { inGroups } from './batch.ts'
import { OrderJob, type Outcome } from './order-job.ts'
import { insertOutcome, type JobFacts, purge } from './orders.queries.ts'
import type { AcceptedOrder, ProcessOrder } from './process-order.ts'

/** Is told how orders fare, to count and time them. */
export interface JobObserver {
  /** One run and its milliseconds; `postponed`: the database was away, and the run is begun again. */
  ran(result: 'succeeded' | 'rejected' | 'error' | 'postponed', ms: number): void
  /** The end of an order. */
  ended(outcome: Outcome['status'], facts: JobFacts): void
}

interface Options {
  store: QueueStore
  db: Db
  list: CacheAside
  processOrder: ProcessOrder
  /** Whether orders at hand at the same time may be decided in one transaction. */
  group: boolean
  observer: JobObserver
  /** Puts something around the processing of a job. */
  wrap: (process: Processor<OrderJob, Outcome>) => Processor<OrderJob, Outcome>
  concurrency: number
  /** Milliseconds that orders at hand get, asked on close. */
  drain: () => number
  log: Logger
}

const isOrderJob = compile(OrderJob)
const HOUR_MS = 3_600_000
/** How long ended jobs can be asked for, and idempotency keys are kept, at least: 24 h with a margin. */
const RETENTION_HOURS = 48

/**
 * Consumes orders. What it makes of a failure:
 * - the database is away: nobody's fault. The job stays here until it is back, and costs no attempt.
 * - anything else: thrown on to the queue, which tries again with exponential backoff, and after the last attempt keeps
 *   the job as a dead letter; the outcome `failed` is put on record.
 */
export function startOrderWorker(options: Options) {
  const { store, db, list, processOrder, group, observer, concurrency, drain, log } = options
  const stopping = new AbortController()
  const { together } = processOrder
  const alone = ({ facts, order }: AcceptedOrder) => processOrder(db, facts, order)
  const decide = group && together ? inGroups((jobs) => together(db, jobs), alone, concurrency) : alone
  const invalidate = oncePerTurn(() => list.invalidate())

  const process: Processor<OrderJob, Outcome> = async (job, token) => {
    const facts: JobFacts = { job_id: job.id, attempts: job.attemptsMade + 1, accepted_at: new Date(job.timestamp) }
    const jobLog = log.child({ job_id: job.id, request_id: job.data?.request_id })
    if (!isOrderJob(job.data)) throw new UnrecoverableError('the job is not an order')
    for (;;) {
      const start = performance.now()
      try {
        const outcome = await decide({ facts, order: job.data.order })
        observer.ran(outcome.status === 'failed' ? 'error' : outcome.status, performance.now() - start)
        observer.ended(outcome.status, facts)
        if (outcome.status === 'succeeded' && job.data.order.items) await invalidate()
        jobLog.info({ ...outcome, attempts: facts.attempts }, 'order processed')
        return outcome
      } catch (err) {
        const away = isDatabaseAway(err)
        observer.ran(away ? 'postponed' : 'error', performance.now() - start)
        if (!away) {
          jobLog.error({ err, attempts: facts.attempts }, 'order failed')
          throw err
        }
        jobLog.warn({ err }, 'the database is away; the order waits')
        await untilBack(db, stopping.signal)
        if (stopping.signal.aborted) {
          await (job as unknown as { moveToDelayed(at: number, token?: string): Promise<void> }).moveToDelayed(
            Date.now() + 1000,
            token,
          )
          throw new DelayedError()
        }
      }
    }
  }

  const onFailed = async (job: Job<OrderJob, Outcome> | undefined, error: Error) => {
    if (!job?.id || (job.attemptsMade < (job.opts.attempts ?? 1) && !(error instanceof UnrecoverableError))) return
    const facts = { job_id: job.id, attempts: job.attemptsMade, accepted_at: new Date(job.timestamp) }
    const reason = { code: 'processing_failed', detail: 'The order could not be processed.' }
    await insertOutcome(db, facts, 'failed', reason).catch((err) =>
      log.error({ err, job_id: job.id }, 'a failure is on record in the queue only'),
    )
    observer.ended('failed', facts)
    log.error({ job_id: job.id, attempts: job.attemptsMade }, 'order put aside as a dead letter')
  }

  const worker = openWorker(
    store,
    { concurrency, drain },
    options.wrap(process),
    (job, error) => void onFailed(job, error),
  )
  const housekeeping = setInterval(() => {
    purge(db, RETENTION_HOURS).catch((err) => log.warn({ err }, 'old outcomes could not be purged'))
  }, HOUR_MS).unref()

  return {
    /** Takes no further job and waits for those at hand. */
    async close() {
      clearInterval(housekeeping)
      stopping.abort()
      await worker.close()
    },
  }
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
