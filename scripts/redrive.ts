import { readConfig } from '../src/config.ts'
import { createLogger } from '../src/log.ts'
import { openQueue } from '../src/patterns/queue/queue.ts'
import { firstConnection } from '../src/redis/redis.ts'
import { openServer } from './open-server.ts'

// `npm run redrive`: every dead letter goes back into the queue. An order that was made after all is not made again: its
// job finds it. Where the queue lives is what the environment says, as for the shop itself.
const config = readConfig(process.env)
const log = createLogger('warn')
const { REDIS_URL } = config
const server = REDIS_URL ? undefined : await openServer(config, log)
const producer = openQueue({ redisUrl: REDIS_URL, databaseUrl: server?.url ?? '', timeout: 5000, log })
try {
  if (producer.redis) await firstConnection(producer.redis, 5000)
  const { queue } = producer
  const before = await queue.getFailedCount()
  await queue.retryJobs({ state: 'failed' })
  console.log(`${before} dead letter${before === 1 ? '' : 's'} put back into the queue.`)
} catch (error) {
  console.error(`The queue cannot be reached: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  await producer.close()
  await server?.stop()
}
