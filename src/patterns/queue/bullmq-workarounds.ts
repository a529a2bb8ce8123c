import { setTimeout as sleep } from 'node:timers/promises'
import { createPostgresBackend, DEFAULT_SCHEMA, type Queue, type RedisQueueBackend } from 'bullmq'
import { Redis } from 'ioredis'
import type pg from 'pg'
import type { Logger } from '../../log.ts'
import { logOutages, reconnect } from '../../redis/redis.ts'

// What BullMQ 6.7 needs to keep the promises of docs/failures.md. Everything here that relies on its inside has a test in
// bullmq-workarounds.test.ts that fails once BullMQ does without it.

const PAUSE_MS = 200

/** Connects once, and answers every later call with the promise of the first. */
interface Memo {
  readyPromise?: Promise<void> | undefined
  waitUntilReady(): Promise<void>
}
type Options = Parameters<typeof createPostgresBackend>[1]
type Kind = Parameters<typeof createPostgresBackend>[2]

/**
 * The factory as it is. Its types leave out the memo, know no pool as `@types/pg` describes it, and tell apart the backends
 * of Redis and PostgreSQL, of which BullMQ's classes use the same.
 */
const createBackend = createPostgresBackend as unknown as (
  name: string,
  options: Omit<Options, 'connection'> & { connection: pg.Pool },
  kind?: Kind,
) => RedisQueueBackend & Memo & { connection: Memo }

/**
 * BullMQ's backend in PostgreSQL on a pool of ours, but one that gets over a failed start.
 *
 * BullMQ keeps the promise of its first connection: after one timeout the queue is dead for good. Its worker then asks
 * again and again without waiting for anything, which starves the event loop: the process answers no request and hears no
 * signal. Here a failure is forgotten, so the next call connects anew, after a pause that lets everything else run.
 *
 * The pool is ours because BullMQ makes the connection on which it listens by itself otherwise. It hears of that one's
 * errors a moment too late, and a connection that breaks in that moment ends the process.
 */
export function postgresBackend(pool: pg.Pool) {
  return (name: string, options: object, kind?: Kind): RedisQueueBackend => {
    const backend = createBackend(name, { ...options, connection: pool }, kind)
    const { connection } = backend
    const waitUntilReady = connection.waitUntilReady.bind(connection)
    connection.waitUntilReady = async () => {
      try {
        await waitUntilReady()
      } catch (error) {
        await sleep(PAUSE_MS)
        connection.readyPromise = undefined
        backend.readyPromise = undefined
        throw error
      }
    }
    return backend
  }
}

/** By this the connections of a pool find the queue's tables; one that BullMQ opens has it from BullMQ. */
export const SEARCH_PATH = `-c search_path=${DEFAULT_SCHEMA}`

/**
 * The key whose presence keeps a job with this deduplication id out of the queue. BullMQ sets it when it adds a job, and has
 * no method to set it by itself, as the claim of an `Idempotency-Key` has to.
 */
export const keepOutKey = (queue: Queue, deduplicationId: string): string => `${queue.toKey('de')}:${deduplicationId}`

/**
 * A connection for BullMQ's blocking commands, which wait for Redis by themselves and ask for these settings. BullMQ
 * duplicates the connection, and its `close()` waits for the duplicates while Redis is away, for ever (bullmq #995). So
 * the duplicates are remembered, and `cut()` ends them all.
 */
export function blockingRedis(url: string, name: string, log: Logger): Redis & { cut(): void } {
  const connections: Redis[] = []
  const redis = new Redis(url, { connectionName: name, maxRetriesPerRequest: null, ...reconnect })
  logOutages(redis, { name, log })
  const duplicate = redis.duplicate.bind(redis)
  return Object.assign(redis, {
    cut() {
      for (const connection of [redis, ...connections]) connection.disconnect()
    },
    duplicate(...options: Parameters<typeof duplicate>) {
      const connection = duplicate(...options)
      connections.push(connection)
      return connection
    },
  })
}
