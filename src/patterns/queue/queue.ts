import { createRedisBackend, type Job, type JobsOptions, Queue, QueueEvents, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { openPool } from '../../db/pool.ts'
import type { Logger } from '../../log.ts'
import { connectRedis } from '../../redis/redis.ts'
import { within } from '../../within.ts'
import { blockingRedis, postgresBackend, SEARCH_PATH } from './bullmq-workarounds.ts'
import { KEPT_COMPLETED } from './retention.ts'

/** Where the queue lives: in Redis when there is one, else in the shop's PostgreSQL (BullMQ brings both). */
export interface QueueStore {
  redisUrl: string | undefined
  databaseUrl: string
  /** Milliseconds an operation of the producer may take. */
  timeout: number
  log: Logger
}

/** The name of the one queue, as in the original. */
export const QUEUE = 'default'

/** What a worker needs to know of a job. */
type QueuedJob<Data> = Pick<Job<Data>, 'data' | 'attemptsMade' | 'timestamp' | 'moveToDelayed'> & { id: string }

export type Processor<Data, Result> = (job: QueuedJob<Data>, token: string | undefined) => Promise<Result>

interface Pooling {
  max: number
  /** Milliseconds a query may take. */
  timeout?: number
  /** Settings of the connections, as `-c name=value`. */
  settings?: string
}

/** BullMQ on a store: on a connection to Redis, or without one on a pool of connections to PostgreSQL. */
function openBackend(store: QueueStore, redis: Redis | undefined, { max, timeout, settings }: Pooling) {
  if (redis) return { connection: redis, factory: createRedisBackend, end: async () => {} }
  const pool = openPool({
    connectionString: store.databaseUrl,
    max,
    application_name: 'shop queue',
    // Before the producer's time is over: so it knows that nothing was sent.
    connectionTimeoutMillis: Math.max(2000, (2 / 3) * store.timeout),
    ...(timeout !== undefined && { query_timeout: timeout }),
    options: [SEARCH_PATH, settings].join(' '),
  })
  pool.on('error', (err) => store.log.debug({ err }, 'an idle connection of the queue was lost'))
  return { connection: {}, factory: postgresBackend(pool), end: () => pool.end() }
}

/** Closes something of BullMQ, or leaves it after `ms` milliseconds: BullMQ may wait for a store that is away. */
async function closeWithin(ms: number, close: () => Promise<void>, log: Logger): Promise<void> {
  await within(ms, close()).catch((err) => log.debug({ err }, 'the queue did not close in time'))
}

/**
 * The producer's side. On Redis its connection refuses instead of waiting: a command that BullMQ kept for a lost connection
 * would be carried out after its client has been told 503. A caller looks at `redis.status` before it adds a job.
 */
export function openQueue<Data, Result, Name extends string>(
  store: QueueStore,
  retries = { attempts: 1, backoff: 500 },
) {
  const { redisUrl, timeout, log } = store
  const redis = redisUrl ? connectRedis(redisUrl, { name: 'producer', timeout, groupWrites: true, log }) : undefined
  // Clients wait for a producer: a server that does not answer must not keep its few connections.
  const { connection, factory, end } = openBackend(store, redis, { max: 5, timeout })
  const defaultJobOptions: JobsOptions = {
    attempts: retries.attempts,
    backoff: { type: 'exponential', delay: retries.backoff, jitter: 0.5 },
    // From PostgreSQL the worker removes them (retention.ts). Every dead letter stays.
    removeOnComplete: redis ? { count: KEPT_COMPLETED } : false,
    removeOnFail: false,
  }
  const queue = new Queue<Data, Result, Name>(QUEUE, { connection, defaultJobOptions }, factory)
  queue.on('error', (err: Error) => log.debug({ err }, 'queue connection'))
  return {
    queue,
    redis,
    async close() {
      await closeWithin(timeout, () => queue.close().then(end), log)
      redis?.disconnect()
    },
  }
}
export type OpenQueue<Data, Result, Name extends string> = ReturnType<typeof openQueue<Data, Result, Name>>

/** Calls `onChange` with each job that changes its state, in whatever process. */
export function openQueueEvents(store: QueueStore, onChange: (jobId: string) => void): { close(): Promise<void> } {
  const { redisUrl, timeout, log } = store
  const redis = redisUrl ? blockingRedis(redisUrl, 'queue events', log) : undefined
  const { connection, factory, end } = openBackend(store, redis, { max: 2 })
  const events = new QueueEvents(QUEUE, { connection }, factory)
  events.on('error', (err: Error) => log.debug({ err }, 'queue events connection'))
  for (const event of ['waiting', 'active', 'delayed', 'completed', 'failed'] as const) {
    events.on(event, ({ jobId }: { jobId: string }) => onChange(jobId))
  }
  return {
    async close() {
      await closeWithin(timeout, () => events.close().then(end), log)
      redis?.cut()
    },
  }
}

/** How a worker takes over what another left. */
const takeover = {
  // The jobs of a killed worker are taken over after lockDuration plus up to stalledInterval.
  lockDuration: 5000,
  stalledInterval: 2000,
  // A job is not to blame for being taken over: only one that takes down twenty workers is put aside.
  maxStalledCount: 20,
  runRetryDelay: 500,
}

/**
 * The result of a job need not be on disk before the worker goes on. A server that dies within a second of it may hand the
 * job out again. An order that was decided is found decided: that was on disk before the queue was told. One that failed
 * gets one attempt more.
 */
const ASYNCHRONOUS_COMMIT = '-c synchronous_commit=off'

/**
 * The consumer's side: waits for jobs, for ever and through outages of its store. `onFailed` is called for each failed
 * attempt. On close, the jobs in progress get `drain()` milliseconds.
 */
export function openWorker<Data, Result>(
  store: QueueStore,
  { concurrency, drain }: { concurrency: number; drain: () => number },
  process: Processor<Data, Result>,
  onFailed: (job: Job<Data, Result> | undefined, error: Error) => void,
): { close(): Promise<void> } {
  const { redisUrl, log } = store
  const redis = redisUrl ? blockingRedis(redisUrl, 'worker', log) : undefined
  const { connection, factory, end } = openBackend(store, redis, { max: 6, settings: ASYNCHRONOUS_COMMIT })
  const run = async (job: Job<Data, Result>, token?: string) => {
    if (!hasId(job)) throw new TypeError('expected a job with an id')
    return process(job, token)
  }
  const worker = new Worker<Data, Result>(QUEUE, run, { connection, concurrency, ...takeover }, factory)
  worker.on('error', (err: Error) => log.debug({ err }, 'worker connection'))
  worker.on('failed', onFailed)
  return {
    async close() {
      if (redis && redis.status !== 'ready') {
        // Without Redis no job can be finished, and BullMQ would wait for it: cut first, then close without draining.
        redis.cut()
        await worker.close(true)
      } else await closeWithin(drain(), () => worker.close().then(end), log)
      redis?.cut()
    },
  }
}

/** A job that came out of the queue has an id; BullMQ's type is also that of one that is yet to be added. */
function hasId<J extends { id?: string | undefined }>(job: J): job is J & { id: string } {
  return job.id !== undefined
}
