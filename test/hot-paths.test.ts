import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import { Redis } from 'ioredis'
import { products } from '../scripts/demo-catalogue.ts'
import { readConfig } from '../src/config.ts'
import { migrateAll } from '../src/db/migrations.ts'
import { startShop } from '../src/shop.ts'
import { type Answer, send } from '../support/http.ts'
import { noRedis, silent, startPostgres, startRedis } from '../support/servers.ts'
import { until } from '../support/until.ts'
import { askedBy } from './support/counting.ts'
import { settled } from './support/order-client.ts'
import { openShop, type TestShop } from './support/shop.ts'

/*
 * What the paths that are taken most often cost, in counts, which no busy machine changes: a command to Redis, a statement
 * to PostgreSQL, or a kilobyte more is a decision, and has to be made here. The bench says what they mean in time.
 */

/** Requests enough to see what one costs, and what comes between now and then. */
const MANY = 50
/** A machine that is busy with something else may keep Redis from answering in time, which then costs more: tries again. */
const calmly = async (attempt: () => Promise<void>) => {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries === 20) throw error
      await sleep(1100) // a breaker that has opened is closed again
    }
  }
}
const repeat = async (times: number, work: (index: number) => Promise<unknown>) => {
  for (let index = 0; index < times; index++) await work(index)
}

describe('what a request costs', { skip: noRedis }, () => {
  let env: Record<string, string>
  let shop: { url: string; close(): Promise<void> }
  let observer: Redis

  before(async () => {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    await migrateAll(postgres.url, false, silent)
    env = { PORT: '0', DATABASE_URL: postgres.url, REDIS_URL: redis.url, RATE_LIMIT: '1000000/minute' }
    const api = await startShop({ config: readConfig(env), role: 'api', log: silent }) // no worker, whose commands would be counted, too
    shop = {
      url: api.urls.api ?? '',
      async close() {
        await api.close()
        await Promise.all([postgres.stop(), redis.stop()])
      },
    }
    observer = new Redis(redis.url)
    for (const product of products) await send(`${shop.url}/products/`, { body: product })
    await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })
    await repeat(50, () => send(`${shop.url}/products/`)) // cached, and its code compiled
  })
  after(async () => {
    observer.disconnect()
    await shop.close()
  })

  /** A figure of Redis' own. */
  const told = async (section: string, name: string) =>
    Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await observer.info(section))?.[1])
  const list = () => expected(200, send(`${shop.url}/products/`))
  const order = (headers: Record<string, string> = {}) =>
    expected(202, send(`${shop.url}/orders/`, { headers, body: { customer_id: 1, total: 1 } }))

  test('the cached list: a command for the limit, one for the cache, no statement', () =>
    calmly(async () => {
      const { redis, postgres } = await askedBy(() => repeat(MANY, list))
      assert.equal(redis.length, 2 * MANY)
      assert.deepEqual([...new Set(redis)].sort(), ['eval', 'evalsha'])
      assert.deepEqual(postgres, [])
    }))

  test('lists that are asked for at the same time share both', () =>
    calmly(async () => {
      await Promise.all(Array.from({ length: 50 }, list)) // connections
      const { redis } = await askedBy(() => Promise.all(Array.from({ length: 50 }, list)))
      assert.ok(redis.length < 50, `${redis.length} commands for 50 requests`)
    }))

  test('what the limit counts is not waited for to be on the disk, also where Redis has a replica', async () => {
    const { hostname, port } = new URL(env.REDIS_URL ?? '')
    const replica = await startRedis('--replicaof', hostname, port)
    try {
      await until(async () => (await told('replication', 'connected_slaves')) === 1)
      await calmly(async () => {
        const written = () => told('persistence', 'aof_current_size')
        await list() // cached
        const before = await written()
        await repeat(MANY, list)
        assert.equal(await written(), before)
      })
    } finally {
      await replica.stop()
    }
  })

  test('an unchanged list does not come from Redis again', () =>
    calmly(async () => {
      const sent = () => told('stats', 'total_net_output_bytes')
      const { text } = await list()
      assert.ok(text.length > 10_000)
      const before = await sent()
      await repeat(MANY, list)
      const each = ((await sent()) - before) / MANY
      assert.ok(each < 200, `Redis sent ${each} bytes for a list`)
    }))

  test('an answer of the list allocates less than twelve times its size, what reads it included', () =>
    calmly(async () => {
      const { text } = await list()
      // Not by fetch, which allocates a multiple of it in this same process.
      const { hostname, port } = new URL(shop.url)
      const socket = connect(Number(port), hostname)
      const get = async () => {
        let missing = text.length
        socket.write('GET /products/ HTTP/1.1\r\nhost: shop\r\n\r\n')
        while (missing > 0) missing -= ((await once(socket, 'data'))[0] as Buffer).length
      }
      await repeat(MANY, get)
      const allocated = () => (getHeapStatistics() as { total_allocated_bytes?: number }).total_allocated_bytes ?? 0
      const before = allocated()
      await repeat(MANY, get)
      const each = (allocated() - before) / MANY
      socket.destroy()
      assert.ok(each < 12 * text.length, `${Math.round(each)} bytes for a list of ${text.length}`)
    }))

  test('an order: a command for the limit and one for the queue, a count now and then, no statement', () =>
    calmly(async () => {
      await order()
      const { redis, postgres } = await askedBy(() => repeat(MANY, () => order()))
      assert.deepEqual([...new Set(redis)], ['evalsha'], 'and the events of the queue are not read for nobody')
      assert.ok(redis.length >= 2 * MANY && redis.length < 2.5 * MANY, `${redis.length} commands for ${MANY} orders`)
      assert.deepEqual(postgres, [])
    }))

  test('an order with an Idempotency-Key: one command more, which claims the key', () =>
    calmly(async () => {
      const key = (index: number) => ({ 'idempotency-key': `key-${index}` })
      const { redis, postgres } = await askedBy(() => repeat(MANY, (index) => order(key(index))))
      assert.equal(redis.filter((name) => name === 'eval').length, MANY)
      assert.ok(redis.length < 3.5 * MANY, `${redis.length} commands for ${MANY} orders`)
      assert.deepEqual(postgres, [])
    }))

  test('claim and order reach Redis together, so they wait for its disk once', () =>
    calmly(async () => {
      const reads = async (work: () => Promise<unknown>) => {
        const before = await told('stats', 'total_reads_processed')
        await work()
        return (await told('stats', 'total_reads_processed')) - before
      }
      const without = await reads(() => repeat(MANY, () => order()))
      const withKeys = await reads(() => repeat(MANY, (index) => order({ 'idempotency-key': `read-${index}` })))
      assert.ok(withKeys < without + MANY / 2, `${withKeys} reads instead of ${without}`)
    }))
})

describe('what an order costs the worker', { skip: noRedis }, () => {
  let shop: TestShop
  before(async () => {
    shop = await openShop({ redis: true })
    await send(`${shop.url}/products/`, { body: { name: 'Lamp', price: 10, stock: 100_000 } })
    await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })
  })
  after(() => shop.close())

  const order = () => send(`${shop.url}/orders/`, { body: { customer_id: 1, items: [{ product_id: 1, quantity: 1 }] } })
  const processed = async (orders: number) => {
    const accepted = await Promise.all(Array.from({ length: orders }, order))
    for (const answer of accepted) assert.equal((await settled(shop.url, answer)).status, 'succeeded')
  }
  /** Those of the worker's transactions, beside what asking for the state takes. */
  const ofTransactions = (statements: string[]) =>
    statements.filter((text) => !/^select \* from "order_jobs" where "job_id" = /.test(text))

  test('six statements for an order by itself', () =>
    calmly(async () => {
      await processed(1)
      const { postgres } = await askedBy(() => processed(1))
      assert.equal(ofTransactions(postgres).length, 6, ofTransactions(postgres).join('\n'))
    }))

  test('far less than one for each order of a hundred', () =>
    calmly(async () => {
      const { postgres } = await askedBy(() => processed(100))
      assert.ok(ofTransactions(postgres).length < 100, `${ofTransactions(postgres).length} statements for 100 orders`)
    }))
})

async function expected(status: number, answer: Promise<Answer>): Promise<Answer> {
  assert.equal((await answer).status, status)
  return answer
}
