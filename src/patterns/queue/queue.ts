import { type Job, type JobsOptions, Queue, QueueEvents, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { Client } from '../../db/pg-client.ts'
import type { Logger } from '../../log.ts'
import { connectRedis, logOutages, reconnect } from '../../redis/redis.ts'
import { within } from '../../within.ts'
import { postgresBackend } from './bullmq-workarounds.ts'
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

export type Processor<Data, Result> = (
  job: Pick<Job<Data, Result>, 'data' | 'attemptsMade' | 'timestamp' | 'moveToDelayed'> & { id: string },
  token: string | undefined,
  signal: AbortSignal | undefined,
) => Promise<Result>

const postgres = ({ databaseUrl, timeout }: QueueStore, max: number) => ({
  connectionString: databaseUrl,
  max,
  Client,
  application_name: 'shop queue',
  // Before the producer's time is over: so it knows that nothing was sent.
  connectionTimeoutMillis: Math.max(2000, (2 / 3) * timeout),
  keepAlive: true,
})
/** For the producer, whose clients wait: a server that does not answer must not keep its few connections for ever. */
const impatient = ({ timeout }: QueueStore) => ({ query_timeout: timeout })
/**
 * For the consumer: what a job became is not waited for to be on disk. A server that dies within a second of it may hand
 * the job out again. An order that was decided is found decided: that was on disk before the queue was told. One that
 * failed gets an attempt more.
 */
const asynchronousCommit = { options: '-c synchronous_commit=off' }

/** Closes a part, or leaves it after `ms` milliseconds: BullMQ may wait for a store that is away. */
async function closeWithin(ms: number, part: { close(): Promise<void> }, log: Logger): Promise<void> {
  await within(ms, part.close()).catch((err) => log.debug({ err }, 'the queue did not close in time'))
}

/**
 * The producer's side. On Redis it has a connection that refuses instead of waiting: a command that BullMQ kept for a
 * lost connection would be carried out after its client has been told 503. Who enqueues looks at `redis.status` first.
 */
export function openQueue<Data, Result, Name extends string>(
  store: QueueStore,
  retries = { attempts: 1, backoff: 500 },
) {
  const { redisUrl, timeout, log } = store
  const redis = redisUrl ? connectRedis(redisUrl, { name: 'producer', timeout, groupWrites: true, log }) : undefined
  const defaultJobOptions: JobsOptions = {
    attempts: retries.attempts,
    backoff: { type: 'exponential', delay: retries.backoff, jitter: 0.5 },
    // Of PostgreSQL's the worker removes them (retention.ts). Every dead letter stays.
    removeOnComplete: redisUrl ? { count: KEPT_COMPLETED } : false,
    removeOnFail: false,
  }
  const queue = redis
    ? new Queue<Data, Result, Name>(QUEUE, { connection: redis, defaultJobOptions })
    : (new Queue(
        QUEUE,
        { connection: { ...postgres(store, 5), ...impatient(store) }, defaultJobOptions },
        postgresBackend,
      ) as unknown as Queue<Data, Result, Name>)
  queue.on('error', (err: Error) => log.debug({ err }, 'queue connection'))
  return {
    queue,
    redis,
    async close() {
      await closeWithin(timeout, queue, log)
      redis?.disconnect()
    },
  }
}
export type OpenQueue<Data, Result, Name extends string> = ReturnType<typeof openQueue<Data, Result, Name>>

/** Tells of jobs that change their state, in whatever process. */
export function openQueueEvents(store: QueueStore, onChange: (jobId: string) => void): { close(): Promise<void> } {
  const { redisUrl, timeout, log } = store
  const redis = redisUrl ? workerRedis(redisUrl, 'queue events', log) : undefined
  const events = redis
    ? new QueueEvents(QUEUE, { connection: redis })
    : (new QueueEvents(QUEUE, { connection: postgres(store, 1) }, postgresBackend) as unknown as QueueEvents)
  events.on('error', (err: Error) => log.debug({ err }, 'queue events connection'))
  for (const event of ['waiting', 'active', 'delayed', 'completed', 'failed'] as const) {
    events.on(event, ({ jobId }: { jobId: string }) => onChange(jobId))
  }
  return {
    async close() {
      await closeWithin(timeout, events, log)
      redis?.cut()
    },
  }
}

/**
 * The consumer's side: waits for jobs, for ever and through outages of its store. `onFailed` is told of failed attempts.
 * On close, jobs at hand get `drain()` milliseconds.
 */
export function openWorker<Data, Result>(
  store: QueueStore,
  { concurrency, drain }: { concurrency: number; drain: () => number },
  process: Processor<Data, Result>,
  onFailed: (job: Job<Data, Result> | undefined, error: Error) => void,
): { close(): Promise<void> } {
  const { redisUrl, log } = store
  const redis = redisUrl ? workerRedis(redisUrl, 'worker', log) : undefined
  const options = {
    concurrency,
    // A killed worker's jobs are taken over after lockDuration plus up to stalledInterval.
    lockDuration: 5000,
    stalledInterval: 2000,
    // To be taken over is no fault of the job: only one that takes down twenty workers is put aside.
    maxStalledCount: 20,
    runRetryDelay: 500,
  }
  const run = process as never
  const worker = redis
    ? new Worker<Data, Result>(QUEUE, run, { connection: redis, ...options })
    : (new Worker(
        QUEUE,
        run,
        { connection: { ...postgres(store, 5), ...asynchronousCommit }, ...options },
        postgresBackend,
      ) as unknown as Worker<Data, Result>)
  worker.on('error', (err: Error) => log.debug({ err }, 'worker connection'))
  worker.on('failed', onFailed)
  return {
    async close() {
      if (redis && redis.status !== 'ready') {
        // No job can be finished without Redis, and BullMQ would wait for it: cut first, then close without draining.
        redis.cut()
        await worker.close(true)
      } else await closeWithin(drain(), worker, log)
      redis?.cut()
    },
  }
}

/**
 * BullMQ's blocking connections wait for Redis by themselves and ask for these settings. It duplicates the one it is
 * given, and when Redis is away its own close() waits for it: so the duplicates are known here, and all are cut.
 */
function workerRedis(url: string, name: string, log: Logger): Redis & { cut(): void } {
  const connections: Redis[] = []
  const redis = new Redis(url, {
    connectionName: name,
    maxRetriesPerRequest: null,
    ...reconnect,
  })
  logOutages(redis, { name, log })
  const duplicate = redis.duplicate.bind(redis)
  const cut = () => {
    for (const connection of [redis, ...connections]) connection.disconnect()
  }
  return Object.assign(redis, {
    cut,
    duplicate(...options: Parameters<typeof duplicate>) {
      const connection = duplicate(...options)
      connections.push(connection)
      return connection
    },
  })
}
