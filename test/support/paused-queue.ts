import { openQueue } from '../../src/patterns/queue/queue.ts'
import { silent } from '../../support/servers.ts'
import type { TestShop } from './shop.ts'

/** Runs `work` while no worker is given a job of the shop's queue. */
export async function whilePaused({ postgres, redis }: TestShop, work: () => Promise<void>): Promise<void> {
  const store = { redisUrl: redis?.url, databaseUrl: postgres.url, timeout: 10_000, log: silent }
  const { queue, close } = openQueue(store)
  try {
    await queue.waitUntilReady()
    await queue.pause()
    await work()
  } finally {
    await queue.resume()
    await close()
  }
}
