import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import pg from 'pg'
import { send } from '../support/http.ts'
import { noRedis } from '../support/servers.ts'
import { until } from '../support/until.ts'
import { settled } from './support/order-client.ts'
import { openShop, type TestShop } from './support/shop.ts'

for (const redis of [false, true]) {
  describe(`the dashboard, queue in ${redis ? 'Redis' : 'the database'}`, { skip: redis && noRedis }, () => {
    let shop: TestShop
    let board: string
    before(async () => {
      shop = await openShop({ redis, env: { JOB_ATTEMPTS: '3', JOB_BACKOFF: '1' } })
      board = shop.urls.dashboard ?? ''
    })
    after(() => shop.close())

    test('an order that keeps failing is kept as a dead letter, and a retry makes one order', async () => {
      const sql = new pg.Client({ connectionString: shop.postgres.url })
      await sql.connect()
      const { id } = (await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })).json
      // A fault that is neither the order's nor an outage: the table refuses this one amount.
      await sql.query('alter table orders add constraint planted check (total <> 66.6)')
      const accepted = await send(`${shop.url}/orders/`, { body: { customer_id: id, total: 66.6 } })
      const failed = await settled(shop.url, accepted)
      assert.deepEqual([failed.status, failed.attempts, failed.order_id], ['failed', 3, undefined])
      assert.ok(!/planted|check|constraint/.test(JSON.stringify(failed)), 'the reason given outside leaks nothing')

      const [queue] = (await send(`${board}/api/queues?activeQueue=default&status=failed`)).json.queues
      const [job] = queue.jobs
      assert.equal(job.id, accepted.json.job_id)
      assert.match(job.failedReason, /planted/, 'inside one sees why')

      await sql.query('alter table orders drop constraint planted')
      const retry = () => send(`${board}/api/queues/default/${job.id}/retry`, { method: 'PUT' })
      await Promise.all([retry(), retry(), retry()])
      const done = await until(async () => {
        const { json } = await send(shop.url + accepted.json.status_url)
        return json.status === 'succeeded' && json
      })
      await retry()
      const { rows } = await sql.query('select id from orders where job_id = $1', [job.id])
      assert.deepEqual(rows, [{ id: done.order_id }])
      assert.equal((await send(shop.url + accepted.json.status_url)).json.order_id, done.order_id)
      await sql.end()
    })

    test('npm run redrive puts every dead letter back, and none makes a second order', async () => {
      const sql = new pg.Client({ connectionString: shop.postgres.url })
      await sql.connect()
      const { id } = (await send(`${shop.url}/customers/`, { body: { name: 'Bo', email: 'bo@example.com' } })).json
      await sql.query('alter table orders add constraint planted_too check (total <> 77.7)')
      const accepted = await Promise.all(
        [1, 2, 3].map(() => send(`${shop.url}/orders/`, { body: { customer_id: id, total: 77.7 } })),
      )
      for (const answer of accepted) assert.equal((await settled(shop.url, answer)).status, 'failed')
      await sql.query('alter table orders drop constraint planted_too')
      const env = {
        PATH: process.env.PATH ?? '',
        DATABASE_URL: shop.postgres.url,
        ...(shop.redis && { REDIS_URL: shop.redis.url }),
      }
      const redrive = async () =>
        (await promisify(execFile)(process.execPath, ['scripts/redrive.ts'], { cwd: `${import.meta.dirname}/..`, env }))
          .stdout
      assert.equal(await redrive(), '3 dead letters put back into the queue.\n')
      for (const { json } of accepted) {
        await until(async () => (await send(shop.url + json.status_url)).json.status === 'succeeded')
      }
      assert.equal(await redrive(), '0 dead letters put back into the queue.\n')
      const { rows } = await sql.query('select count(*)::int as n from orders where total = 77.7')
      assert.equal(rows[0].n, 3)
      await sql.end()
    })

    test('of what has been done the last thousand stay to be seen', async () => {
      const { id } = (await send(`${shop.url}/customers/`, { body: { name: 'Cleo', email: 'cleo@example.com' } })).json
      const place = () => send(`${shop.url}/orders/`, { body: { customer_id: id, total: 1 } })
      for (let placed = 0; placed < 1100; placed += 50) await Promise.all(Array.from({ length: 50 }, place))
      const shown = async () => (await send(`${board}/api/queues?activeQueue=default&status=completed`)).json.queues[0]
      const isDone = ({ counts: { active, waiting } }: { counts: Record<string, number> }) =>
        active === 0 && waiting === 0
      await until(async () => isDone(await shown()))
      const last = await place()
      const { counts } = await until(async () => {
        const queue = await shown()
        const isShown = queue.jobs.some((job: { id: string }) => job.id === last.json.job_id)
        return isDone(queue) && isShown && queue.counts.completed <= 1000 && queue
      })
      assert.ok(counts.completed > 900, `${counts.completed} are left`)
    })

    test('its page is served from here', async () => {
      const page = await send(`${board}/`)
      assert.equal(page.status, 200)
      for (const [, source = ''] of page.text.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)) {
        assert.equal((await send(new URL(source, `${board}/`).href)).status, 200, source)
      }
    })

    test('a page elsewhere cannot make the browser change anything', async () => {
      const headers = { origin: 'https://evil.example' }
      const forged = await send(`${board}/api/queues/default/pause`, { method: 'PUT', headers })
      assert.equal(forged.status, 403)
      assert.equal((await send(`${board}/api/queues`, { headers: { origin: board } })).status, 200)
    })

    test('on loopback it answers to loopback names alone', async () => {
      const { port, hostname } = new URL(board)
      const status = await new Promise((resolve, reject) => {
        request({ hostname, port, path: '/api/queues', headers: { host: 'evil.example' } }, ({ statusCode }) =>
          resolve(statusCode),
        )
          .on('error', reject)
          .end()
      })
      assert.equal(status, 403)
    })
  })
}

describe('the dashboard off loopback', () => {
  test('without a password it shows but changes nothing', async () => {
    const shop = await openShop({ env: { DASHBOARD_HOST: '0.0.0.0' } })
    try {
      const board = shop.urls.dashboard?.replace('0.0.0.0', '127.0.0.1') ?? ''
      const [queue] = (await send(`${board}/api/queues`)).json.queues
      assert.equal(queue.readOnlyMode, true)
      const retry = await send(`${board}/api/queues/default/some-id/retry`, { method: 'PUT' })
      assert.ok(retry.status >= 400)
      assert.equal((await send(`${board}/api/queues/default/pause`, { method: 'PUT' })).status, 405)
    } finally {
      await shop.close()
    }
  })

  test('with a password it asks for it', async () => {
    const shop = await openShop({ env: { DASHBOARD_HOST: '0.0.0.0', DASHBOARD_PASSWORD: 'pass:word' } })
    try {
      const board = shop.urls.dashboard?.replace('0.0.0.0', '127.0.0.1') ?? ''
      const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
      const asked = await send(`${board}/api/queues`)
      assert.equal(asked.status, 401)
      assert.match(asked.headers.get('www-authenticate') ?? '', /^Basic/)
      for (const wrong of ['admin:pass', 'admin:', 'pass:word', ':'])
        assert.equal((await send(`${board}/api/queues`, { headers: basic(wrong) })).status, 401, wrong)
      const welcome = await send(`${board}/api/queues`, { headers: basic('anyone:pass:word') })
      assert.equal(welcome.json.queues[0].readOnlyMode, false)
    } finally {
      await shop.close()
    }
  })
})
