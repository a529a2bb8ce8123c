import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { createPostgresBackend, Queue } from 'bullmq'
import { migrateAll } from '../src/db/migrations.ts'
import { openPool } from '../src/db/pool.ts'
import { blockingRedis, keepOutKey, postgresBackend, SEARCH_PATH } from '../src/patterns/queue/bullmq-workarounds.ts'
import { openWorker, QUEUE } from '../src/patterns/queue/queue.ts'
import { TimeoutError, within } from '../src/within.ts'
import { noRedis, silent, startPostgres, startRedis } from '../support/servers.ts'

/*
 * Each workaround beside BullMQ without it. When the part about BullMQ fails, upstream has mended it, and the workaround
 * can go.
 */

test('BullMQ 6.7 remembers a failed start in PostgreSQL for good; ours forgets it', async () => {
  const postgres = await startPostgres('fsync=off')
  await migrateAll(postgres.url, true, silent)
  await postgres.kill()
  const pool = openPool({ connectionString: postgres.url, options: SEARCH_PATH })
  const bare = new Queue(QUEUE, { connection: { connectionString: postgres.url } }, createPostgresBackend)
  const ours = new Queue(QUEUE, { connection: {} }, postgresBackend(pool))
  try {
    const failure = await bare.waitUntilReady().catch((error) => error)
    await assert.rejects(ours.waitUntilReady())
    await postgres.start()
    assert.equal(await bare.waitUntilReady().catch((error) => error), failure)
    await ours.waitUntilReady()
    assert.equal(await ours.getWaitingCount(), 0)
  } finally {
    await Promise.all([bare.close(), ours.close()])
    await pool.end()
    await postgres.stop()
  }
})

test('BullMQ 6.7 has no method to keep a job out; the key that does is the one it looks at', {
  skip: noRedis,
}, async () => {
  const redis = await startRedis()
  const connection = blockingRedis(redis.url, 'test', silent)
  const queue = new Queue(QUEUE, { connection })
  try {
    const methods = Object.getOwnPropertyNames(Queue.prototype).filter((name) => /dedup|debounce/i.test(name))
    assert.deepEqual(methods.sort(), ['removeDebounceKey', 'removeDeduplicationKey'])
    await connection.set(keepOutKey(queue, 'order-1'), 'another', 'PX', 60_000)
    const kept = await queue.add('order', {}, { jobId: 'order-1', deduplication: { id: 'order-1', ttl: 1 } })
    assert.equal(kept.id, 'another')
    assert.equal(await queue.getJob('order-1'), undefined)
  } finally {
    await queue.close()
    connection.cut()
    await redis.stop()
  }
})

/** In a process of its own, since it leaves timers behind that keep the process alive. */
const bareWorker = (port: string) => `
  import { Worker } from 'bullmq'
  const worker = new Worker('default', async () => {}, { connection: { port: ${port}, maxRetriesPerRequest: null } })
  worker.on('error', () => console.log('away'))
  await worker.waitUntilReady()
  console.log('ready')
  process.stdin.once('data', () => worker.close().then(() => process.exit()))`

test('the worker of BullMQ 6.7 does not close while Redis is away; ours does, since it cuts its connections', {
  skip: noRedis,
}, async () => {
  const redis = await startRedis()
  const script = bareWorker(new URL(redis.url).port)
  const bare = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: join(import.meta.dirname, '..') })
  const store = { redisUrl: redis.url, databaseUrl: '', timeout: 1000, log: silent }
  const nothing = async () => {}
  const ours = openWorker(store, { concurrency: 1, drain: () => 1000 }, nothing, nothing)
  try {
    await once(bare.stdout, 'data')
    await redis.kill()
    await once(bare.stdout, 'data')
    const closed = once(bare, 'exit')
    bare.stdin.write('close')
    await ours.close()
    await assert.rejects(within(1000, closed), TimeoutError)
  } finally {
    bare.kill('SIGKILL')
    await redis.stop()
  }
})
