import { setTimeout as sleep } from 'node:timers/promises'
import { createPostgresBackend } from 'bullmq'

const PAUSE_MS = 200

interface Readiness {
  readyPromise?: Promise<void> | undefined
  waitUntilReady(): Promise<void>
}

/**
 * BullMQ's PostgreSQL backend, but one that gets over a failed start. BullMQ 6.7 connects once, keeps the promise, and
 * answers every later call with it: after one timeout the queue is dead for good. Worse, its worker then asks again
 * without ever waiting for anything, which starves the event loop: no request is answered and no signal heard.
 * Here a failure is forgotten, so that the next call connects anew, after a pause that lets all else run.
 */
export const postgresBackend: typeof createPostgresBackend = (...args) => {
  const backend = createPostgresBackend(...args)
  const outer = backend as unknown as Readiness
  const connection = (backend as unknown as { connection: Readiness }).connection
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
