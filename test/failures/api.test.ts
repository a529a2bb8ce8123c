import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { send } from '../../support/http.ts'
import { noRedis } from '../../support/servers.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { openProxy } from '../../support/tcp-proxy.ts'
import { until } from '../../support/until.ts'
import { assertLimited, type Fixture, fixture, orderedOnce, probe, renewed } from '../support/failing-shop.ts'
import { settled } from '../support/order-client.ts'

const remaining = async (url: string) => Number((await send(`${url}/customers/`)).headers.get('x-ratelimit-remaining'))

describe('an API is killed', { concurrency: 2 }, () => {
  for (const redis of [true, false]) {
    describe(`queue in ${redis ? 'Redis' : 'the database'}`, { concurrency: 1, skip: redis && noRedis }, () => {
      /** A second API, on the stores of the first or on the way to them that is given. */
      const another = ({ shop }: Fixture, env: Record<string, string> = {}) =>
        spawnShop('api', {
          DATABASE_URL: shop.postgres.url,
          ...(shop.redis && { REDIS_URL: shop.redis.url }),
          RATE_LIMIT: '100000/minute',
          ...env,
        })

      let shared: Fixture
      before(async () => {
        shared = await fixture({ redis })
      })
      after(() => shared.shop.close())

      test('API killed under load: another answers every key that was sent, and goes on with all else', async () => {
        const all = await renewed(shared)
        const { url } = all.shop
        const victim = await another(all)
        const sql = new pg.Client({ connectionString: all.shop.postgres.url })
        await sql.connect()
        const order = (to: string, key: string) => {
          const body = { customer_id: all.customer_id, total: 1 }
          return send(`${to}/orders/`, { body, headers: { 'idempotency-key': key } })
        }
        try {
          const sent: string[] = []
          const accepted = new Map<string, string>()
          const client = async () => {
            for (;;) {
              const key = randomUUID()
              sent.push(key)
              const answer = await order(victim.url, key)
              if (answer.status === 202) accepted.set(key, answer.json.job_id)
            }
          }
          const clients = Promise.allSettled(Array.from({ length: 8 }, client))
          await until(() => accepted.size > 20)
          const own = await remaining(url)
          const left = await remaining(victim.url)
          await victim.end('SIGKILL')
          // Shared in Redis; without it each process has a count of its own.
          assert.equal(await remaining(url), redis ? left - 1 : own - 1)
          await clients // each has failed

          // A machine that is busy with the dying process may keep the other waiting once, never for good.
          const { status, live } = await until(async () => {
            const answers = await probe(all, 'killed')
            const { list, one, write, order: taken, health } = answers
            const statuses = [list, one, write, taken, health].map((answer) => answer.status)
            return statuses.join() === '200,200,201,202,200' && health.json.status === 'ok' && answers
          })
          assert.deepEqual([status.json.status, live.status], ['succeeded', 200])
          await assertLimited(url)
          const jobs = new Set<string>()
          for (const key of sent) {
            const again = await order(url, key)
            assert.equal(again.json.job_id, accepted.get(key) ?? again.json.job_id)
            assert.equal((await settled(url, again)).status, 'succeeded')
            jobs.add(again.json.job_id)
          }
          const { rows } = await sql.query('select count(*)::int as made from orders where job_id = any($1)', [
            [...jobs],
          ])
          assert.equal(rows[0].made, sent.length)
        } finally {
          await victim.end('SIGKILL')
          await sql.end()
        }
      })

      test('API SIGTERM: it is not ready at once, and answers all that is asked until it closes', async () => {
        const all = await renewed(shared)
        const leaving = await another(all, { SHUTDOWN_DELAY: '15000' })
        const { url } = leaving
        try {
          const ended = leaving.end('SIGTERM')
          await until(async () => (await send(`${url}/health/ready`)).status === 503)
          const asked = await probe({ ...all, shop: { ...all.shop, url } }, 'leaving')
          const { list, one, write, order, status, health, live } = asked
          assert.deepEqual(
            [list, one, write, order, health, live].map((answer) => answer.status),
            [200, 200, 201, 202, 503, 200],
          )
          assert.equal(status.json.status, 'succeeded')
          await assertLimited(url)
          assert.equal(await ended, 0)
          await orderedOnce(all, 'leaving')
        } finally {
          await leaving.end('SIGKILL')
        }
      })

      test('API killed after the order is in the queue and before its answer: the key finds it, and there is one order', async () => {
        const all = await renewed(shared)
        const { postgres, redis: store } = all.shop
        const target = store?.url ?? postgres.url
        const proxy = await openProxy(target)
        const api = await another(all, { [store ? 'REDIS_URL' : 'DATABASE_URL']: proxy.through(target) })
        try {
          await until(async () => (await send(`${api.url}/health`)).json.status === 'ok')
          const lost = proxy.loseAnswersTo('request_id')
          const body = { customer_id: all.customer_id, items: [{ product_id: all.product_id, quantity: 1 }] }
          const headers = { 'idempotency-key': 'unheard' }
          const answer = send(`${api.url}/orders/`, { body, headers }).catch(() => undefined)
          await lost
          await api.end('SIGKILL')
          assert.equal(await answer, undefined, 'the client heard nothing')
          await orderedOnce(all, 'unheard')
        } finally {
          await api.end('SIGKILL')
          proxy.close()
        }
      })
    })
  }
})
