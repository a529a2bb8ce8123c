import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { healthMonitor } from '../src/patterns/health/health-monitor.ts'
import { send } from '../support/http.ts'
import { noRedis } from '../support/servers.ts'
import { spawnShop } from '../support/shop-process.ts'
import { until } from '../support/until.ts'
import { openShop } from './support/shop.ts'

test('readiness follows the database, liveness nothing, and the loss of Redis only degrades', {
  skip: noRedis,
}, async () => {
  const shop = await openShop({ redis: true })
  const get = (path: string) => send(shop.url + path)
  try {
    await until(async () => (await get('/health')).json.status === 'ok')
    const whole = await get('/health')
    assert.deepEqual(Object.keys(whole.json.checks), ['database', 'cache', 'queue'])
    assert.ok(whole.json.checks.database.latency_ms >= 0)
    assert.ok(!/127\.0\.0\.1|postgres|redis/i.test(whole.text), 'names no host and no product')

    await shop.redis?.kill()
    const degraded = await until(async () => {
      const answer = await get('/health/ready')
      return answer.json.status === 'degraded' && answer
    })
    assert.equal(degraded.status, 200)
    assert.equal(degraded.json.checks.cache.status, 'unavailable')
    await shop.redis?.start()
    await until(async () => (await get('/health')).json.status === 'ok')

    await shop.postgres.kill()
    const down = await until(async () => {
      const answer = await get('/health/ready')
      return answer.status === 503 && answer
    })
    assert.equal(down.json.status, 'unavailable')
    assert.equal((await get('/health')).status, 503)
    assert.deepEqual((await get('/health/live')).json, { status: 'ok' })
    await shop.postgres.start()
    await until(async () => (await get('/health/ready')).status === 200)
  } finally {
    await shop.close()
  }
})

test('a storm of probes costs one check a second', async () => {
  let checks = 0
  const monitor = healthMonitor({ required: { database: async () => (checks += 1) }, optional: {} })
  await Promise.all(Array.from({ length: 500 }, () => monitor.check()))
  assert.equal(checks, 1)
})

test('a check that hangs counts as unavailable', async () => {
  const monitor = healthMonitor({ required: { database: () => new Promise(() => {}) }, optional: {} })
  assert.equal((await monitor.check()).status, 'unavailable')
})

test('a database whose every pooled connection is busy is still ready', async () => {
  const shop = await openShop({ env: { DATABASE_POOL: '2', REQUEST_TIMEOUT: '5000' } })
  const sql = new pg.Client({ connectionString: shop.postgres.url })
  await sql.connect()
  try {
    await sql.query('begin')
    await sql.query('lock table customers in access exclusive mode')
    const held = Promise.all(Array.from({ length: 4 }, () => send(`${shop.url}/customers/`)))
    await until(async () => {
      await sql.query('select pg_stat_clear_snapshot()')
      const { rows } = await sql.query("select from pg_stat_activity where wait_event_type = 'Lock'")
      return rows.length === 2
    })
    const ready = () => send(`${shop.url}/health/ready`)
    const before = (await ready()).json.checks.database.latency_ms // a check is kept for a second
    const { status, json } = await until(async () => {
      const answer = await ready()
      return answer.json.checks.database.latency_ms !== before && answer
    })
    assert.deepEqual([status, json.status], [200, 'ok'])
    await sql.query('rollback')
    await held
  } finally {
    await sql.end()
    await shop.close()
  }
})

test('whoami tells one instance from another', async () => {
  const shop = await openShop({ env: { INSTANCE_NAME: 'left' } })
  try {
    const { instance, pid, version, uptime_s } = (await send(`${shop.url}/whoami`)).json
    assert.deepEqual([instance, pid], ['left', process.pid])
    assert.match(version, /^\d+\.\d+\.\d+/)
    assert.ok(uptime_s > 0)
  } finally {
    await shop.close()
  }
})

test('SIGTERM turns not ready first, then closes, and requests meanwhile are served', async () => {
  const { postgres, close } = await openShop()
  const shop = await spawnShop('all', { DATABASE_URL: postgres.url, SHUTDOWN_DELAY: '5000', DRAIN_TIMEOUT: '1500' })
  try {
    // With its connections made, what it is asked while it ends takes no longer than the delay.
    await until(async () => (await send(`${shop.url}/health/ready`)).status === 200)
    assert.equal((await send(`${shop.url}/products/`)).status, 200)
    const start = performance.now()
    const ended = shop.end('SIGTERM')
    await until(async () => (await send(`${shop.url}/health/ready`)).status === 503)
    assert.equal((await send(`${shop.url}/products/`)).status, 200)
    assert.equal((await send(`${shop.url}/health/live`)).status, 200)
    assert.equal(await ended, 0)
    assert.ok(performance.now() - start >= 5000, 'the delay is kept to, whatever the drain may take')
  } finally {
    await shop.end('SIGKILL')
    await close()
  }
})
