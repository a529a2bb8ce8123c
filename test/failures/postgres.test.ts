import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import pg from 'pg'
import { send } from '../../support/http.ts'
import { noRedis, type Server, startPostgres, startRedis } from '../../support/servers.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { until } from '../../support/until.ts'
import { fixture, orderedOnce, probe, recovered } from '../support/failing-shop.ts'
import { settled } from '../support/order-client.ts'

for (const redis of [true, false]) {
  describe(`when PostgreSQL fails, queue in ${redis ? 'Redis' : 'the database'}`, { skip: redis && noRedis }, () => {
    for (const [name, harm, heal] of [
      ['gone under load', (server: Server) => server.kill(), (server: Server) => server.start()],
      ['frozen', async (server: Server) => server.freeze(), async (server: Server) => server.thaw()],
    ] as const) {
      test(`${name}: nothing waits, nothing accepted is lost, no attempt is spent`, async () => {
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

describe('when PostgreSQL is late', { skip: noRedis }, () => {
  test('gone at start: api and worker start, are live but not ready, and work when it comes', async () => {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    for (const REDIS_URL of [redis.url, undefined]) {
      const env = { DATABASE_URL: postgres.url, ...(REDIS_URL && { REDIS_URL }) }
      await migrateWith(env)
      const sql = new pg.Client({ connectionString: postgres.url })
      await sql.connect()
      const email = `ana${Math.random()}@example.com`
      const { rows } = await sql.query("insert into customers (name, email) values ('Ana', $1) returning id", [email])
      const [{ id: customer_id }] = rows
      await sql.end()
      await postgres.kill()
      const api = await spawnShop('api', env)
      const worker = await spawnShop('worker', env)
      try {
        assert.deepEqual(
          [(await send(`${api.url}/health/live`)).status, (await send(`${api.url}/health/ready`)).status],
          [200, 503],
        )
        assert.equal((await send(`${worker.url}/health/ready`)).status, 503)
        const [list, write, order] = await Promise.all([
          send(`${api.url}/products/`),
          send(`${api.url}/products/`, { body: { name: 'Lamp', price: 1, stock: 1 } }),
          send(`${api.url}/orders/`, { body: { customer_id, total: 1 } }),
        ])
        assert.deepEqual([list.status, write.status, order.status], [503, 503, REDIS_URL ? 202 : 503])
        if (REDIS_URL) assert.match((await send(api.url + order.json.status_url)).json.status, /queued|running/)
        await postgres.start()
        await until(async () => (await send(`${api.url}/health`)).json.status === 'ok')
        const accepted = await send(`${api.url}/orders/`, { body: { customer_id, total: 1 } })
        assert.equal((await settled(api.url, accepted)).status, 'succeeded')
        if (REDIS_URL) assert.equal((await settled(api.url, order)).status, 'succeeded')
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
    cwd: `${import.meta.dirname}/../..`,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: 'ignore',
  })
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
}
