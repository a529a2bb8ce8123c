import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { Redis } from 'ioredis'
import pg from 'pg'
import { type Answer, send, settled } from './support/http.ts'
import { lossyProxy } from './support/proxy.ts'
import { noRedis, type Server, startPostgres, startRedis } from './support/servers.ts'
import { openShop, spawnShop, type TestShop } from './support/shop.ts'
import { until } from './support/until.ts'

const REQUEST_TIMEOUT = 2000
/** What a busy machine may add to a bound that the shop keeps by its own clock. */
const SLACK = 1500

interface Fixture {
  shop: TestShop
  customer_id: number
  product_id: number
  /** The state of an order that ended before the failure. */
  ended: Answer
}

/** Every capability once: none may wait longer than the timeout, whatever it answers. */
async function probe({ shop, customer_id, product_id, ended }: Fixture, key: string) {
  const timed = async (work: Promise<Answer>) => {
    const start = performance.now()
    const answer = await work
    assert.ok(
      performance.now() - start < REQUEST_TIMEOUT + SLACK,
      `answered after ${Math.round(performance.now() - start)} ms`,
    )
    return answer
  }
  const body = { customer_id, items: [{ product_id, quantity: 1 }] }
  const [list, one, write, order, status, health, live] = await Promise.all([
    timed(send(`${shop.url}/products/`)),
    timed(send(`${shop.url}/products/${product_id}`)),
    timed(send(`${shop.url}/products/`, { body: { name: key, price: 1, stock: 1 } })),
    timed(send(`${shop.url}/orders/`, { body, headers: { 'idempotency-key': key } })),
    timed(send(shop.url + ended.json.status_url)),
    timed(send(`${shop.url}/health/ready`)),
    timed(send(`${shop.url}/health/live`)),
  ])
  return { list, one, write, order, status, health, live }
}

async function fixture(options: {
  redis: boolean
  env?: Record<string, string>
  postgres?: string[]
}): Promise<Fixture> {
  const shop = await openShop({ redis: options.redis, env: { REQUEST_TIMEOUT: `${REQUEST_TIMEOUT}`, ...options.env } })
  const customer_id = (await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })).json
    .id
  const product_id = (await send(`${shop.url}/products/`, { body: { name: 'Lamp', price: 2, stock: 100 } })).json.id
  const ended = await until(async () => {
    const answer = await send(`${shop.url}/orders/`, { body: { customer_id, total: 1 } })
    return answer.status === 202 && answer
  })
  assert.equal((await settled(shop.url, ended)).status, 'succeeded')
  return { shop, customer_id, product_id, ended }
}

const recovered = ({ shop }: Fixture) => until(async () => (await send(`${shop.url}/health`)).json.status === 'ok')

/** An order with this key is taken now, made once, and took one unit. */
async function orderedOnce({ shop, customer_id, product_id }: Fixture, key: string): Promise<void> {
  const body = { customer_id, items: [{ product_id, quantity: 1 }] }
  const accepted = await until(async () => {
    const answer = await send(`${shop.url}/orders/`, { body, headers: { 'idempotency-key': key } })
    return answer.status === 202 && answer
  })
  const job = await settled(shop.url, accepted)
  assert.equal(job.status, 'succeeded')
  const orders = (await send(`${shop.url}/orders/`)).json.filter(
    (order: { job_id: string }) => order.job_id === job.job_id,
  )
  assert.equal(orders.length, 1)
  assert.equal((await send(`${shop.url}/products/${product_id}`)).json.stock, 99)
}

describe('when Redis fails', { skip: noRedis }, () => {
  test('gone under load: the catalogue goes on, orders are refused and none is lost', { timeout: 60_000 }, async () => {
    const all = await fixture({ redis: true })
    try {
      await all.shop.redis?.kill()
      const { list, write, order, status, health, live } = await probe(all, 'gone')
      assert.deepEqual([list.status, list.json.from_cache, write.status], [200, false, 201])
      assert.equal(order.status, 503)
      assert.ok(['queue_unavailable', 'order_outcome_unknown'].includes(order.json.code))
      assert.ok(Number(order.headers.get('retry-after')) >= 1)
      assert.deepEqual(
        [status.status, status.json.status],
        [200, 'succeeded'],
        'a finished order is answered from the database',
      )
      assert.deepEqual([health.status, live.status], [200, 200])
      await all.shop.redis?.start()
      await recovered(all)
      await orderedOnce(all, 'gone')
      const now = (await send(`${all.shop.url}/products/`)).json.products
      assert.ok(
        now.some(({ name }: { name: string }) => name === 'gone'),
        'what was written meanwhile is not hidden by the old cache',
      )
    } finally {
      await all.shop.close()
    }
  })

  test('gone under load: the limit goes on, in each process', async () => {
    const all = await fixture({ redis: true, env: { RATE_LIMIT: '10/minute' } })
    try {
      await all.shop.redis?.kill()
      const statuses = []
      for (let n = 0; n < 13; n++) statuses.push((await send(`${all.shop.url}/customers/`)).status)
      assert.deepEqual(statuses.slice(0, 10), Array(10).fill(200))
      assert.deepEqual(statuses.slice(10), [429, 429, 429])
    } finally {
      await all.shop.close()
    }
  })

  test('frozen: nothing waits, and an order whose fate is unknown is named and made once', {
    timeout: 60_000,
  }, async () => {
    const all = await fixture({ redis: true })
    try {
      await until(async () => (await send(`${all.shop.url}/products/`)).json.from_cache)
      all.shop.redis?.freeze()
      const { list, write, order, status } = await probe(all, 'frozen')
      assert.deepEqual([list.status, write.status, status.status], [200, 201, 200])
      assert.deepEqual([order.status, order.json.code], [503, 'order_outcome_unknown'])
      assert.equal(order.headers.get('location'), `/orders/jobs/${order.json.job_id}`)
      all.shop.redis?.thaw()
      await recovered(all)
      await orderedOnce(all, 'frozen')
    } finally {
      all.shop.redis?.thaw()
      await all.shop.close()
    }
  })

  test('full: the catalogue goes on and stays fresh, orders are refused, and health says so', {
    timeout: 60_000,
  }, async () => {
    const all = await fixture({ redis: true })
    const admin = new Redis(all.shop.redis?.url ?? '')
    try {
      await until(async () => (await send(`${all.shop.url}/products/`)).json.from_cache)
      await admin.config('SET', 'maxmemory', '1')
      const { list, write, order, status } = await probe(all, 'full')
      assert.deepEqual([list.status, write.status, status.status], [200, 201, 200])
      assert.deepEqual([order.status, order.json.code], [503, 'queue_unavailable'], 'surely not enqueued')
      const fresh = (await send(`${all.shop.url}/products/`)).json.products
      assert.ok(
        fresh.some(({ name }: { name: string }) => name === 'full'),
        'a full Redis still invalidates',
      )
      await until(async () => (await send(`${all.shop.url}/health`)).json.status === 'degraded')
      await admin.config('SET', 'maxmemory', '0')
      await recovered(all)
      await orderedOnce(all, 'full')
    } finally {
      admin.disconnect()
      await all.shop.close()
    }
  })

  test('restarted empty: finished orders keep their state, and an old key makes no second order', {
    timeout: 60_000,
  }, async () => {
    const all = await fixture({ redis: true })
    const admin = new Redis(all.shop.redis?.url ?? '')
    try {
      await orderedOnce(all, 'before')
      await admin.flushall()
      const { json, status } = await send(all.shop.url + all.ended.json.status_url)
      assert.deepEqual([status, json.status], [200, 'succeeded'])
      await orderedOnce(all, 'before')
    } finally {
      admin.disconnect()
      await all.shop.close()
    }
  })

  test('gone at start: the shop opens degraded, and is whole when Redis comes', { timeout: 60_000 }, async () => {
    const redis = await startRedis()
    await redis.kill()
    const shop = await openShop({ env: { REDIS_URL: redis.url, REQUEST_TIMEOUT: `${REQUEST_TIMEOUT}` } })
    try {
      assert.equal((await send(`${shop.url}/health/ready`)).json.status, 'degraded')
      const customer = await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })
      const order = () => send(`${shop.url}/orders/`, { body: { customer_id: customer.json.id, total: 1 } })
      assert.deepEqual([(await order()).status, (await send(`${shop.url}/products/`)).status], [503, 200])
      await redis.start()
      const accepted = await until(async () => {
        const answer = await order()
        return answer.status === 202 && answer
      })
      assert.equal((await settled(shop.url, accepted)).status, 'succeeded')
    } finally {
      await shop.close()
      await redis.stop()
    }
  })
})

for (const redis of [true, false]) {
  describe(`when PostgreSQL fails, queue in ${redis ? 'Redis' : 'the database'}`, { skip: redis && noRedis }, () => {
    for (const [name, harm, heal] of [
      ['gone under load', (server: Server) => server.kill(), (server: Server) => server.start()],
      ['frozen', async (server: Server) => server.freeze(), async (server: Server) => server.thaw()],
    ] as const) {
      test(`${name}: nothing waits, nothing accepted is lost, no attempt is spent`, { timeout: 90_000 }, async () => {
        const all = await fixture({ redis })
        try {
          await until(async () => (await send(`${all.shop.url}/products/`)).json.from_cache)
          await harm(all.shop.postgres)
          const { list, one, write, order, status, live } = await probe(all, name)
          assert.deepEqual([list.status, list.json.from_cache], [200, true], 'the cached catalogue is still served')
          assert.deepEqual([one.status, write.status, live.status], [503, 503, 200])
          assert.equal(
            (
              await until(async () => {
                const answer = await send(`${all.shop.url}/health/ready`)
                return answer.status === 503 && answer
              })
            ).json.status,
            'unavailable',
          )
          if (redis) {
            assert.equal(order.status, 202, 'orders are taken while the database is away')
            const waiting = await send(all.shop.url + order.json.status_url)
            assert.deepEqual([waiting.status, ['queued', 'running'].includes(waiting.json.status)], [200, true])
            assert.deepEqual(
              [status.status, status.json.status],
              [200, 'succeeded'],
              'a finished order is answered from the queue',
            )
          } else {
            assert.equal(order.status, 503)
          }
          await heal(all.shop.postgres)
          await recovered(all)
          await orderedOnce(all, name)
          if (redis) assert.equal((await settled(all.shop.url, order)).attempts, 1)
        } finally {
          all.shop.postgres.thaw()
          await all.shop.close()
        }
      })
    }
  })
}

describe('when PostgreSQL is short of connections, or late', { skip: noRedis }, () => {
  test('connections exhausted: 503 and back, and orders are still taken', { timeout: 60_000 }, async () => {
    const all = await fixture({ redis: true, env: { DATABASE_POOL: '4', WORKER_CONCURRENCY: '2' } })
    const greedy: pg.Client[] = []
    try {
      const admin = new pg.Client({ connectionString: all.shop.postgres.url })
      await admin.connect()
      await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'shop%'")
      for (;;) {
        const client = new pg.Client({ connectionString: all.shop.postgres.url })
        client.on('error', () => {})
        try {
          await client.connect()
          greedy.push(client)
        } catch {
          break
        }
      }
      const order = await send(`${all.shop.url}/orders/`, { body: { customer_id: all.customer_id, total: 9 } })
      assert.equal(order.status, 202)
      const refused = await send(`${all.shop.url}/customers/`)
      assert.ok(
        refused.status === 503 || refused.status === 200,
        'the pool kept a connection, or the database had none',
      )
      await Promise.all([admin, ...greedy].map((client) => client.end()))
      await recovered(all)
      assert.equal((await settled(all.shop.url, order)).status, 'succeeded')
    } finally {
      await Promise.all(greedy.map((client) => client.end().catch(() => {})))
      await all.shop.close()
    }
  })

  test('gone at start: api and worker start, are live but not ready, and work when it comes', {
    timeout: 90_000,
  }, async () => {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    for (const REDIS_URL of [redis.url, undefined]) {
      const env = { DATABASE_URL: postgres.url, ...(REDIS_URL && { REDIS_URL }) }
      await migrateWith(env)
      await postgres.kill()
      const api = await spawnShop('api', env)
      const worker = await spawnShop('worker', env)
      try {
        assert.deepEqual(
          [(await send(`${api.url}/health/live`)).status, (await send(`${api.url}/health/ready`)).status],
          [200, 503],
        )
        assert.equal((await send(`${worker.url}/health/ready`)).status, 503)
        await postgres.start()
        await until(async () => (await send(`${api.url}/health`)).json.status === 'ok')
        const customer = await send(`${api.url}/customers/`, {
          body: { name: 'Ana', email: `ana${Math.random()}@example.com` },
        })
        const accepted = await send(`${api.url}/orders/`, { body: { customer_id: customer.json.id, total: 1 } })
        assert.equal((await settled(api.url, accepted)).status, 'succeeded')
      } finally {
        await Promise.all([api.end('SIGTERM'), worker.end('SIGTERM')])
      }
    }
    await Promise.all([postgres.stop(), redis.stop()])
  })
})

/** Brings the schema up to date, as the role `migrate` does. */
async function migrateWith(env: Record<string, string>): Promise<void> {
  const child = spawn(process.execPath, ['src/main.ts', 'migrate'], {
    cwd: `${import.meta.dirname}/..`,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: 'ignore',
  })
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
}

for (const redis of [true, false]) {
  describe(`when a process of the shop dies, queue in ${redis ? 'Redis' : 'the database'}`, {
    skip: redis && noRedis,
  }, () => {
    test('worker killed in the middle of a transaction: another finishes its order, once', {
      timeout: 90_000,
    }, async () => {
      const all = await fixture({ redis, env: { WORKER_CONCURRENCY: '1' } })
      const env = { DATABASE_URL: all.shop.postgres.url, ...(all.shop.redis && { REDIS_URL: all.shop.redis.url }) }
      const sql = new pg.Client({ connectionString: all.shop.postgres.url })
      await sql.connect()
      const victim = await spawnShop('worker', { ...env, WORKER_CONCURRENCY: '5' })
      try {
        // The customer's row is held, so every order stands still inside its transaction.
        await sql.query('begin')
        await sql.query('select 1 from customers where id = $1 for update', [all.customer_id])
        const accepted = []
        for (let n = 0; n < 6; n++)
          accepted.push(await send(`${all.shop.url}/orders/`, { body: { customer_id: all.customer_id, total: n } }))
        await until(async () => {
          await sql.query('select pg_stat_clear_snapshot()') // else a transaction sees what it saw first
          const { rows } = await sql.query(
            "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'shop'",
          )
          return rows[0].n >= 2 // one is the other worker's
        })
        await victim.end('SIGKILL')
        await sql.query('rollback')
        const jobs = await Promise.all(accepted.map((answer) => settled(all.shop.url, answer)))
        assert.ok(jobs.every(({ status }) => status === 'succeeded'))
        const { rows } = await sql.query(
          'select job_id, count(*)::int as n from orders group by job_id having count(*) > 1',
        )
        assert.deepEqual(rows, [])
      } finally {
        await victim.end('SIGKILL')
        await sql.end()
        await all.shop.close()
      }
    })

    test('SIGTERM under load: every answer is an order, none is cut off', { timeout: 90_000 }, async () => {
      const all = await fixture({ redis })
      const env = { DATABASE_URL: all.shop.postgres.url, ...(all.shop.redis && { REDIS_URL: all.shop.redis.url }) }
      const leaving = await spawnShop('api', { ...env, SHUTDOWN_DELAY: '300' })
      try {
        await until(async () => (await send(`${leaving.url}/health`)).json.status === 'ok')
        const accepted: Answer[] = []
        let refused = false
        const client = async () => {
          while (!refused) {
            const answer = await send(`${leaving.url}/orders/`, {
              body: { customer_id: all.customer_id, total: 1 },
            }).catch((error: Error & { cause?: { code?: string } }) => {
              refused = true // the listener is closed; nothing was sent
              assert.ok(
                ['ECONNREFUSED', 'UND_ERR_SOCKET', 'ECONNRESET'].includes(error.cause?.code ?? ''),
                `${error.cause}`,
              )
            })
            if (answer) {
              assert.ok(answer.status === 202 || answer.status === 503)
              if (answer.status === 202) accepted.push(answer)
              else refused = true
            }
          }
        }
        const clients = Promise.all(Array.from({ length: 8 }, client))
        await until(() => accepted.length > 50)
        assert.equal(await leaving.end('SIGTERM'), 0)
        await clients
        for (const answer of accepted) assert.equal((await settled(all.shop.url, answer)).status, 'succeeded')
      } finally {
        await leaving.end('SIGKILL')
        await all.shop.close()
      }
    })
  })
}

test('API killed after the order is in the queue and before its answer: the key finds it, and there is one order', {
  skip: noRedis,
  timeout: 60_000,
}, async () => {
  const all = await fixture({ redis: true })
  const proxy = await lossyProxy(all.shop.redis?.url ?? '')
  const api = await spawnShop('api', {
    DATABASE_URL: all.shop.postgres.url,
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
  })
  try {
    await until(async () => (await send(`${api.url}/health`)).json.status === 'ok')
    const lost = proxy.loseAnswersTo('request_id')
    const body = { customer_id: all.customer_id, items: [{ product_id: all.product_id, quantity: 1 }] }
    const answer = send(`${api.url}/orders/`, { body, headers: { 'idempotency-key': 'killed' } }).catch(() => undefined)
    await lost
    await api.end('SIGKILL')
    assert.equal(await answer, undefined, 'the client heard nothing')
    await orderedOnce(all, 'killed')
  } finally {
    await api.end('SIGKILL')
    proxy.close()
    await all.shop.close()
  }
})

test('worker killed after its commit and before it invalidates: whoever takes the job over does', {
  skip: noRedis,
  timeout: 60_000,
}, async () => {
  const all = await fixture({ redis: true, env: { WORKER_CONCURRENCY: '1' } })
  const { shop, product_id } = all
  const proxy = await lossyProxy(shop.redis?.url ?? '')
  const sql = new pg.Client({ connectionString: shop.postgres.url })
  await sql.connect()
  const listed = async () => {
    const { products, from_cache } = (await send(`${shop.url}/products/`)).json
    return { from_cache, stock: products.find(({ id }: { id: number }) => id === product_id).stock }
  }
  const running = (answer: Answer) =>
    until(async () => (await send(shop.url + answer.json.status_url)).json.status === 'running')
  // The shop's own worker is busy with an order that can't end.
  await sql.query('begin')
  await sql.query('select 1 from customers where id = $1 for update', [all.customer_id])
  const held = await send(`${shop.url}/orders/`, { body: { customer_id: all.customer_id, total: 1 } })
  await running(held)
  await until(async () => (await listed()).from_cache)
  const victim = await spawnShop('worker', {
    DATABASE_URL: shop.postgres.url,
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
  })
  try {
    await until(async () => !(await listed()).from_cache) // a process that connects invalidates once
    await until(async () => (await listed()).from_cache)
    const { id } = (await send(`${shop.url}/customers/`, { body: { name: 'Bo', email: 'bo@example.com' } })).json
    const invalidating = proxy.loseRequestsWith('products:all')
    const body = { customer_id: id, items: [{ product_id, quantity: 1 }] }
    const accepted = await send(`${shop.url}/orders/`, { body })
    await invalidating
    await victim.end('SIGKILL')
    assert.equal((await send(`${shop.url}/products/${product_id}`)).json.stock, 99, 'the order is made')
    assert.deepEqual(await listed(), { from_cache: true, stock: 100 }, 'and the list does not know')
    await sql.query('rollback')
    await until(async () => (await listed()).stock === 99)
    const job = await settled(shop.url, accepted)
    assert.equal(job.status, 'succeeded')
  } finally {
    await victim.end('SIGKILL')
    await sql.end()
    proxy.close()
    await shop.close()
  }
})
