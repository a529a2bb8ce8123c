import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import pg from 'pg'
import { type Answer, send } from '../../support/http.ts'
import { noRedis } from '../../support/servers.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { openProxy } from '../../support/tcp-proxy.ts'
import { until } from '../../support/until.ts'
import { fixture } from '../support/failing-shop.ts'
import { settled } from '../support/order-client.ts'

for (const redis of [true, false]) {
  describe(`when a process of the shop dies, queue in ${redis ? 'Redis' : 'the database'}`, {
    skip: redis && noRedis,
  }, () => {
    test('worker killed in the middle of a transaction: another finishes its order, once', async () => {
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

    test('SIGTERM under load: every answer is an order, none is cut off', async () => {
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
              assert.ok(['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(error.cause?.code ?? ''), `${error.cause}`)
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

test('worker killed after its commit and before it invalidates: whoever takes the job over does', {
  skip: noRedis,
}, async () => {
  const all = await fixture({ redis: true, env: { WORKER_CONCURRENCY: '1' } })
  const { shop, product_id } = all
  const proxy = await openProxy(shop.redis?.url ?? '')
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
    REDIS_URL: proxy.through(shop.redis?.url ?? ''),
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
