import {
  createPostgresBackend,
  type JobsOptions,
  type PostgresConnectionOptions,
  Queue,
  QueueEvents,
  Worker,
} from 'bullmq'
import { Redis } from 'ioredis'
import type { Logger } from '../log.ts'
import { connectRedis, logOutages } from '../redis.ts'

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

type Processor<Data, Result> = (
  job: { id: string; data: Data; attemptsMade: number; timestamp: number },
  token: string | undefined,
  signal: AbortSignal | undefined,
) => Promise<Result>

export type { Processor }

const postgres = ({ databaseUrl }: QueueStore, max: number): PostgresConnectionOptions => ({
  connectionString: databaseUrl,
  max,
  application_name: 'shop queue',
  connectionTimeoutMillis: 2000,
})

/**
 * The producer's side. On Redis it has a connection that refuses instead of waiting: a command that BullMQ kept for a
 * lost connection would be carried out after its client has been told 503. Who enqueues looks at `redis.status` first.
 */
export function openQueue<Data, Result>(store: QueueStore, retries = { attempts: 1, backoff: 500 }) {
  const { redisUrl, timeout, log } = store
  const redis = redisUrl ? connectRedis(redisUrl, { name: 'producer', timeout, log }) : undefined
  const defaultJobOptions: JobsOptions = {
    attempts: retries.attempts,
    backoff: { type: 'exponential', delay: retries.backoff, jitter: 0.5 },
    // The database keeps how each order ended; here the last thousand stay for the dashboard, and every dead letter.
    removeOnComplete: { count: 1000 },
    removeOnFail: false,
  }
  const queue = redis
    ? new Queue<Data, Result>(QUEUE, { connection: redis, defaultJobOptions })
    : (new Queue(
        QUEUE,
        { connection: postgres(store, 5), defaultJobOptions },
        createPostgresBackend,
      ) as unknown as Queue<Data, Result>)
  queue.on('error', (err: Error) => log.debug({ err }, 'queue connection'))
  return {
    queue,
    redis,
    async close() {
      await queue.close()
      redis?.disconnect()
    },
  }
}
export type OpenQueue<Data, Result> = ReturnType<typeof openQueue<Data, Result>>

/** What BullMQ tells of jobs as they change state, from any process. */
export function openQueueEvents(store: QueueStore) {
  const redis = store.redisUrl ? workerRedis(store.redisUrl, 'queue events', store.log) : undefined
  const events = redis
    ? new QueueEvents(QUEUE, { connection: redis })
    : (new QueueEvents(QUEUE, { connection: postgres(store, 1) }, createPostgresBackend) as unknown as QueueEvents)
  events.on('error', (err: Error) => store.log.debug({ err }, 'queue events connection'))
  return {
    events,
    async close() {
      await events.close()
      redis?.disconnect()
    },
  }
}

/** The consumer's side: waits for jobs, for ever and through outages of its store. */
export function openWorker<Data, Result>(store: QueueStore, concurrency: number, process: Processor<Data, Result>) {
  const redis = store.redisUrl ? workerRedis(store.redisUrl, 'worker', store.log) : undefined
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
        { connection: postgres(store, 5), ...options },
        createPostgresBackend,
      ) as unknown as Worker<Data, Result>)
  worker.on('error', (err: Error) => store.log.debug({ err }, 'worker connection'))
  return {
    worker,
    async close() {
      await worker.close()
      redis?.disconnect()
    },
  }
}

/** BullMQ's blocking connections wait for Redis by themselves and ask for this setting. */
function workerRedis(url: string, name: string, log: Logger): Redis {
  const redis = new Redis(url, {
    connectionName: name,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(50 * attempt, 500),
  })
  logOutages(redis, { name, log })
  return redis
}
