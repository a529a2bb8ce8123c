import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { readConfig } from '../../src/config.ts'
import { startShop } from '../../src/shop.ts'
import { send } from '../../support/http.ts'
import { noRedis, silent } from '../../support/servers.ts'
import { until } from '../../support/until.ts'
import { settled } from '../support/order-client.ts'
import { whilePaused } from '../support/paused-queue.ts'
import { openShop, type TestShop } from '../support/shop.ts'

const noPromtool =
  spawnSync('promtool', ['--version']).status === 0 ? undefined : 'no promtool: apt-get install prometheus'
if (noPromtool && process.env.CI) throw new Error(`in CI nothing is skipped, and there is ${noPromtool}`)

/** The value of one series, as `name{label="value",…}`; undefined when it is absent. */
async function value(url: string, series: string): Promise<number | undefined> {
  const { text } = await send(`${url}/metrics`)
  const line = text.split('\n').find((line) => line.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length))
}

const answers = (method: string, route: string, status: number) =>
  `shop_http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`
const reads = (outcome: string) => `shop_cache_reads_total{outcome="${outcome}"}`
const decisions = (decision: string, fallback: boolean) =>
  `shop_rate_limit_decisions_total{decision="${decision}",fallback="${fallback}"}`

for (const redis of [false, true]) {
  describe(`/metrics of a shop ${redis ? 'with' : 'without'} Redis`, { skip: redis && noRedis }, () => {
    let shop: TestShop
    let customer_id: number
    before(async () => {
      shop = await openShop({ redis, env: { RATE_LIMIT: '10/minute', JOB_ATTEMPTS: '2', JOB_BACKOFF: '1' } })
      customer_id = (await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })).json.id
    })
    after(() => shop.close())
    const order = (total: number) => send(`${shop.url}/orders/`, { body: { customer_id, total } })

    test('it is in the format of Prometheus, with the build, the process and the event loop, and never limited', async () => {
      for (let n = 0; n < 12; n++) assert.equal((await send(`${shop.url}/metrics`)).status, 200)
      const { headers, text } = await send(`${shop.url}/metrics`)
      assert.equal(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
      assert.match(text, /^shop_build_info\{version="\d+\.\d+\.\d+",role="all",node_version="v\d+\.\S+"\} 1$/m)
      for (const name of [
        'process_resident_memory_bytes',
        'nodejs_eventloop_lag_p99_seconds',
        'nodejs_heap_size_used_bytes',
      ])
        assert.match(text, new RegExp(`^${name} `, 'm'))
    })

    test('every metric of ours has a name by the conventions, a type and a help', async () => {
      const { text } = await send(`${shop.url}/metrics`)
      const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({ name, type }))
      const ours = types.filter(({ name }) => !/^(process|nodejs)_/.test(name))
      assert.ok(ours.length > 10)
      for (const { name, type } of ours) {
        assert.match(name, /^shop_[a-z_]+$/)
        assert.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`)
        assert.match(text, new RegExp(`^# HELP ${name} \\w.*\\.$`, 'm'))
      }
    })

    test('promtool finds no fault in the names of ours', { skip: noPromtool }, async () => {
      const { text } = await send(`${shop.url}/metrics`)
      const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
      // Of Node's usual names it dislikes three.
      const faults = `${stdout}${stderr}`.split('\n').filter((line) => line && !line.startsWith('nodejs_active_'))
      assert.deepEqual(faults, [])
    })

    test('answers are counted by method, route pattern and status', async () => {
      for (const id of [1, 2, 3]) await send(`${shop.url}/orders/${id}`)
      await send(`${shop.url}/orders/x`)
      await send(`${shop.url}/orders/?limit=1`, { method: 'HEAD' })
      assert.equal(await value(shop.url, answers('GET', '/orders/:id', 404)), 3)
      assert.equal(await value(shop.url, answers('GET', '/orders/:id', 422)), 1)
      assert.equal(await value(shop.url, answers('HEAD', '/orders/', 200)), 1)
      assert.equal(await value(shop.url, answers('POST', '/customers/', 201)), 1)
    })

    test('a client cannot invent labels', async () => {
      for (const path of ['/nope', '/nope/2', '/%2e%2e/x']) await send(shop.url + path)
      for (const method of ['PURGE', 'MKCOL', 'REPORT']) await send(`${shop.url}/customers/`, { method })
      assert.equal(await value(shop.url, answers('GET', 'unmatched', 404)), 3)
      assert.equal(await value(shop.url, answers('_OTHER', '/customers', 405)), 3)
      const { text } = await send(`${shop.url}/metrics`)
      assert.ok(!/nope|PURGE|MKCOL|REPORT/.test(text))
    })

    test('reads of the cached list are counted by how they came about', async () => {
      const before = await Promise.all(['stored', 'hit'].map((outcome) => value(shop.url, reads(outcome))))
      assert.deepEqual(before, [0, 0])
      await until(async () => {
        await send(`${shop.url}/products/`)
        return (await value(shop.url, reads('hit')))! >= 1
      })
      assert.equal(await value(shop.url, reads('stored')), 1)
      assert.equal(await value(shop.url, 'shop_cache_load_duration_seconds_count'), 1)
      await send(`${shop.url}/products/`, { body: { name: 'Lamp', price: 1, stock: 1 } })
      assert.equal(await value(shop.url, 'shop_cache_invalidations_total'), 1)
    })

    test('decisions of the limiter are counted', async () => {
      const denied = await value(shop.url, decisions('denied', false))
      for (let n = 0; n < 12; n++) await send(`${shop.url}/`)
      assert.equal(await value(shop.url, decisions('denied', false)), (denied ?? 0) + 2)
      assert.ok((await value(shop.url, decisions('allowed', false)))! >= 10)
      assert.equal(await value(shop.url, answers('GET', '/', 429)), 2)
      assert.equal(await value(shop.url, decisions('allowed', true)), 0)
    })

    test('orders are counted by outcome, with their attempts and times; a dead letter stays in the queue', async () => {
      const sql = new pg.Client({ connectionString: shop.postgres.url })
      await sql.connect()
      await sql.query('alter table orders add constraint planted check (total <> 66.6)')
      const ends = await Promise.all([order(1), order(66.6)])
      assert.deepEqual(
        (await Promise.all(ends.map((end) => settled(shop.url, end)))).map(({ status }) => status),
        ['succeeded', 'failed'],
      )
      const unknown = await send(`${shop.url}/orders/`, { body: { customer_id: 2_000_000, total: 1 } })
      assert.equal((await settled(shop.url, unknown)).status, 'rejected')
      for (const outcome of ['succeeded', 'rejected', 'failed'])
        assert.equal(await until(() => value(shop.url, `shop_jobs_ended_total{outcome="${outcome}"}`)), 1, outcome)
      assert.equal(await value(shop.url, 'shop_job_attempts_sum'), 1 + 1 + 2)
      assert.equal(await value(shop.url, 'shop_job_latency_seconds_count'), 3)
      assert.equal(await value(shop.url, 'shop_job_duration_seconds_count{result="error"}'), 2)
      assert.equal(await value(shop.url, 'shop_queue_jobs{state="failed"}'), 1)
      await sql.end()
    })

    test('the pool of database connections and the dependencies are told', async () => {
      assert.equal(await value(shop.url, 'shop_db_pool_max_connections'), 20)
      assert.equal(await value(shop.url, 'shop_db_pool_waiting_requests'), 0)
      const held = await Promise.all(
        ['used', 'idle'].map((state) => value(shop.url, `shop_db_pool_connections{state="${state}"}`)),
      )
      assert.ok((held[0] ?? 0) + (held[1] ?? 0) >= 1)
      for (const name of redis ? ['database', 'cache', 'queue'] : ['database', 'queue'])
        assert.equal(await value(shop.url, `shop_dependency_up{dependency="${name}"}`), 1)
    })
  })

  describe(`the queue's figures, in ${redis ? 'Redis' : 'the database'}`, { skip: redis && noRedis }, () => {
    test('waiting orders and the age of the oldest are told, and are absent while the queue is away', async () => {
      const shop = await openShop({ redis, role: 'api' })
      try {
        if (!redis) await migrateBeside(shop)
        const waiting = () => value(shop.url, 'shop_queue_jobs{state="waiting"}')
        const age = () => value(shop.url, 'shop_queue_oldest_waiting_seconds')
        await until(async () => (await waiting()) === 0)
        assert.equal(await age(), 0)
        const began = Date.now()
        for (let n = 0; n < 3; n++) {
          const answer = await send(`${shop.url}/orders/`, { body: { customer_id: 1, total: 1 } })
          assert.equal(answer.status, 202)
        }
        assert.equal(await waiting(), 3)
        await until(async () => (await age())! > 0.3)
        assert.ok((await age())! <= (Date.now() - began) / 1000)
        await send(`${shop.url}/orders/`, { body: { customer_id: 1, total: 1 } })
        assert.ok((await age())! > 0.3, 'of the oldest order, not of the newest')
        assert.equal(await waiting(), 4)
        await whilePaused(shop, async () => assert.equal(await waiting(), 4, 'orders of a paused queue wait'))

        await (shop.redis ?? shop.postgres).kill()
        await until(async () => (await waiting()) === undefined)
        assert.equal(await age(), undefined)
        await until(async () => (await value(shop.url, 'shop_dependency_up{dependency="queue"}')) === 0)
      } finally {
        await shop.close()
      }
    })
  })
}

/** What the role `migrate` does, for a shop that is open already. */
async function migrateBeside(shop: TestShop): Promise<void> {
  await (
    await startShop({ config: readConfig({ DATABASE_URL: shop.postgres.url }), role: 'migrate', log: silent })
  ).close()
}

test('with Redis away the limiter counts alone and says so, and reads pass the cache by', {
  skip: noRedis,
}, async () => {
  const shop = await openShop({ redis: true, env: { RATE_LIMIT: '10/minute' } })
  try {
    await shop.redis?.kill()
    await until(async () => {
      await send(`${shop.url}/products/`)
      return (await value(shop.url, decisions('allowed', true)))! > 0
    })
    assert.ok((await value(shop.url, reads('unavailable')))! > 0)
  } finally {
    await shop.close()
  }
})

for (const role of ['api', 'worker'] as const) {
  test(`METRICS_PORT puts the metrics of the role ${role} on a port of their own`, async () => {
    const shop = await openShop({ role, env: { METRICS_PORT: '0' } })
    try {
      assert.equal((await send(`${shop.url}/metrics`)).status, 404)
      const url = shop.urls.metrics ?? ''
      assert.notEqual(url, shop.url)
      assert.match((await send(`${url}/metrics`)).text, new RegExp(`^shop_build_info\\{.*role="${role}"`, 'm'))
      assert.equal((await send(`${url}/products/`)).status, 404)
    } finally {
      await shop.close()
    }
  })
}

test('without METRICS_PORT a worker has its metrics where its health is', async () => {
  const shop = await openShop({ role: 'worker' })
  try {
    assert.equal(await value(shop.url, 'shop_jobs_ended_total{outcome="succeeded"}'), 0)
  } finally {
    await shop.close()
  }
})

test('a METRICS_PORT that is taken is said at the start', async () => {
  const shop = await openShop({ env: { METRICS_PORT: '0' } })
  try {
    const { port } = new URL(shop.urls.metrics ?? '')
    const config = readConfig({ DATABASE_URL: shop.postgres.url, PORT: '0', DASHBOARD_PORT: '0', METRICS_PORT: port })
    await assert.rejects(startShop({ config, role: 'all', log: silent }), { code: 'EADDRINUSE' })
  } finally {
    await shop.close()
  }
})
