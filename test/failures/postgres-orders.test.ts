import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { send } from '../../support/http.ts'
import { noRedis, type Server, startPostgres, startRedis } from '../../support/servers.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { until } from '../../support/until.ts'
import {
  assertLimited,
  type Fixture,
  fixture,
  orderedOnce,
  probe,
  recovered,
  renewed,
} from '../support/failing-shop.ts'
import { insist, settled } from '../support/order-client.ts'
import { drained, waitingOrders } from '../support/waiting-orders.ts'

const connect = async ({ url }: Server) => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}
const ofShop = "from pg_stat_activity where application_name like 'shop%'"

/** Lets nobody in who knows the old password. Returns what sets it right again. */
async function changePassword(server: Server): Promise<() => Promise<void>> {
  const admin = await connect(server)
  await admin.query("alter role postgres password 'unknown-to-the-shop'")
  await admin.query(`select pg_terminate_backend(pid) ${ofShop}`)
  return async () => {
    await admin.query(`alter role postgres password '${new URL(server.url).password}'`)
    await admin.end()
  }
}

/** Each harms a server, and returns what heals it. */
const failures: Record<string, (server: Server) => Promise<() => unknown>> = {
  'gone under load': async (server) => {
    await server.kill()
    return server.start
  },
  frozen: async (server) => {
    server.freeze()
    return server.thaw
  },
  'password refused': changePassword,
}

const becomes = (url: string, status: number) =>
  until(async () => (await send(`${url}/health/ready`)).status === status)

describe('PostgreSQL fails', { concurrency: 2 }, () => {
  for (const redis of [true, false]) {
    describe(`queue in ${redis ? 'Redis' : 'the database'}`, { concurrency: 1, skip: redis && noRedis }, () => {
      let shared: Fixture
      before(async () => {
        shared = await fixture({ redis, env: { WORKER_CONCURRENCY: '2' } })
      })
      after(() => shared.shop.close())

      for (const [name, harm] of Object.entries(failures)) {
        test(`${name}: orders at hand and in the queue wait, spend no attempt, and are made once`, async (t) => {
          const all = await renewed(shared)
          const { url, postgres } = all.shop
          try {
            const orders = await waitingOrders(all, 2)
            t.after(orders.release)
            await until(async () => (await send(`${url}/products/`)).json.from_cache)
            const heal = await harm(postgres)
            await becomes(url, 503)
            const { list, one, write, order, status, live } = await probe(all, name)
            assert.deepEqual([list.status, list.json.from_cache], [200, true])
            assert.deepEqual([one.status, write.status, live.status], [503, 503, 200])
            assert.deepEqual([order.status, status.status], redis ? [202, 200] : [503, 503])
            const told = redis
              ? { running: [200, 'running'], queued: [200, 'queued'] }
              : { running: [503, 503], queued: [503, 503] }
            for (const { status, json } of await orders.running()) assert.deepEqual([status, json.status], told.running)
            for (const { status, json } of await orders.queued()) assert.deepEqual([status, json.status], told.queued)
            await assertLimited(url)
            await heal()
            await orders.release()
            await recovered(all)
            for (const job of await orders.madeOnce()) assert.equal(job.attempts, 1)
            await orderedOnce(all, name)
          } finally {
            postgres.thaw()
          }
        })
      }

      test('killed while orders are done: the queue may forget that some were, and none is made twice', async () => {
        const all = await renewed(shared)
        const { url, postgres } = all.shop
        const body = { customer_id: all.customer_id, total: 7.07 }
        const placed = await Promise.all(Array.from({ length: 200 }, () => insist(url, body)))
        assert.ok(placed.every(({ status }) => status === 202))
        const made = async () => {
          const client = await connect(postgres)
          const { rows } = await client.query('select job_id from orders where total = 7.07')
          await client.end()
          return rows.map(({ job_id }) => job_id as string).toSorted()
        }
        await until(async () => (await made()).length > 20)
        await postgres.kill()
        await postgres.start()
        await recovered(all)
        for (const order of placed) assert.equal((await settled(url, order)).status, 'succeeded')
        assert.deepEqual(await made(), placed.map(({ json }) => json.job_id).toSorted())
        await drained(all)
      })

      test('gone at start: the limit is kept all the same', async () => {
        const [postgres, store] = await Promise.all([startPostgres(), redis ? startRedis() : undefined])
        await postgres.kill()
        const env = { DATABASE_URL: postgres.url, RATE_LIMIT: '3/minute', ...(store && { REDIS_URL: store.url }) }
        const api = await spawnShop('api', env)
        try {
          const statuses = []
          for (let n = 0; n < 5; n++) statuses.push((await send(`${api.url}/customers/`)).status)
          assert.deepEqual(statuses, [503, 503, 503, 429, 429])
          const probes = ['live', 'ready'].map(async (name) => (await send(`${api.url}/health/${name}`)).status)
          assert.deepEqual(await Promise.all(probes), [200, 503])
        } finally {
          await api.end('SIGTERM')
          await Promise.all([postgres.stop(), store?.stop()])
        }
      })

      test('connections exhausted: not ready while there is none to have, and what needs none goes on', async () => {
        const all = await renewed(shared)
        const { url, postgres } = all.shop
        const greedy = [await connect(postgres)]
        try {
          await until(async () => (await send(`${url}/products/`)).json.from_cache)
          // What the shop is robbed of it asks for again: until it has none and gets none.
          await until(async () => {
            await greedy[0]?.query(`select pg_terminate_backend(pid) ${ofShop}`)
            const more = () => connect(postgres).catch(() => {})
            for (let client = await more(); client; client = await more()) greedy.push(client)
            const gone = (await greedy[0]?.query(`select ${ofShop}`))?.rowCount === 0
            // One of the shop's that was about to end may have left its place only now.
            const last = await more()
            if (last) greedy.push(last)
            return gone && !last
          })
          await becomes(url, 503)
          const { list, one, write, order, status, live } = await probe(all, 'exhausted')
          assert.deepEqual([list.status, list.json.from_cache], [200, true])
          assert.deepEqual([one.status, write.status, live.status], [503, 503, 200])
          assert.deepEqual([order.status, status.status], redis ? [202, 200] : [503, 503])
          await assertLimited(url)
          await Promise.all(greedy.splice(0).map((client) => client.end()))
          await becomes(url, 200)
          await recovered(all)
          await orderedOnce(all, 'exhausted')
        } finally {
          await Promise.all(greedy.map((client) => client.end()))
        }
      })
    })
  }
})
