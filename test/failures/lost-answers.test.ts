import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import type pg from 'pg'
import { connectDatabase } from '../../src/db/database.ts'
import { send } from '../../support/http.ts'
import { silent, startPostgres } from '../../support/servers.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { openProxy } from '../../support/tcp-proxy.ts'
import { until } from '../../support/until.ts'
import { settled } from '../support/order-client.ts'
import { openShop } from '../support/shop.ts'

test('a connection that timed out is not given to the query that waits for one', async () => {
  const postgres = await startPostgres()
  const proxy = await openProxy(postgres.url)
  const pools: pg.Pool[] = []
  const db = connectDatabase(proxy.through(postgres.url), {
    max: 1,
    timeout: 3000,
    log: silent,
    watch: (pool) => pools.push(pool),
  })
  try {
    const lost = sql`select 'lost'`.execute(db)
    void proxy.loseAnswersTo('lost')
    // Asked for in the very moment in which the timed-out connection goes back to the pool.
    const next = new Promise((resolve, reject) => {
      pools[0]?.once('release', () => sql`select 'next'`.execute(db).then(resolve, reject))
    })
    await assert.rejects(lost, /Query read timeout/)
    await next
  } finally {
    await db.destroy()
    proxy.close()
    await postgres.stop()
  }
})

test('a queue in PostgreSQL whose every connection lost its answer takes orders again', async () => {
  const shop = await openShop()
  const proxy = await openProxy(shop.postgres.url)
  const api = await spawnShop('api', { DATABASE_URL: proxy.through(shop.postgres.url), REQUEST_TIMEOUT: '1000' })
  try {
    const { json } = await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })
    const order = () => send(`${api.url}/orders/`, { body: { customer_id: json.id, total: 1 } })
    await until(async () => (await order()).status === 202)
    void proxy.loseAnswersTo('request_id')
    const lost = await Promise.all(Array.from({ length: 8 }, order)) // more than the queue has connections
    assert.ok(lost.every((answer) => answer.status === 503))
    proxy.restore()
    const accepted = await until(async () => {
      const answer = await order()
      return answer.status === 202 && answer
    })
    assert.equal((await settled(shop.url, accepted)).status, 'succeeded')
  } finally {
    await api.end('SIGKILL')
    proxy.close()
    await shop.close()
  }
})
