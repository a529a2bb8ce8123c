import { setTimeout as sleep } from 'node:timers/promises'
import { createPostgresBackend } from 'bullmq'
import { Client } from '../../db/pg-client.ts'

const PAUSE_MS = 200

interface Readiness {
  readyPromise?: Promise<void> | undefined
  waitUntilReady(): Promise<void>
}
interface Connection extends Readiness {
  /** What the connection that listens is made with; those of the pool have their class from the options. */
  pgModule?: { Client: typeof Client }
}

/**
 * BullMQ's PostgreSQL backend, but one that gets over a failed start and a broken connection.
 *
 * BullMQ 6.7 connects once, keeps the promise, and answers every later call with it: after one timeout the queue is dead
 * for good. Worse, its worker then asks again without ever waiting for anything, which starves the event loop: no request
 * is answered and no signal heard. Here a failure is forgotten, so that the next call connects anew, after a pause that
 * lets all else run.
 *
 * The connection on which it listens it makes with the driver's own class, which ends the process when it breaks while
 * nobody hears of it. Here it is made with ours.
 */
export const postgresBackend: typeof createPostgresBackend = (...args) => {
  const backend = createPostgresBackend(...args)
  const outer = backend as unknown as Readiness
  const connection = (backend as unknown as { connection: Connection }).connection
  connection.pgModule = { Client }
  const waitUntilReady = connection.waitUntilReady.bind(connection)
  connection.waitUntilReady = async () => {
    try {
      await waitUntilReady()
    } catch (error) {
      await sleep(PAUSE_MS)
      connection.readyPromise = undefined
      outer.readyPromise = undefined
      throw error
    }
  }
  return backend
}
