import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import pg from 'pg'
import { hashKey } from '../src/orders/idempotency.ts'
import { eventStream } from '../src/orders/job-events.ts'
import type { JobStatus } from '../src/orders/order-job.ts'
import { type Answer, send } from '../support/http.ts'
import { noRedis } from '../support/servers.ts'
import { until } from '../support/until.ts'
import { inTime } from './support/free-machine.ts'
import { insist, settled } from './support/order-client.ts'
import { whilePaused } from './support/paused-queue.ts'
import { openShop, type TestShop } from './support/shop.ts'

const exampleStatus: JobStatus = {
  job_id: '5d1a2f6e-94f5-8e0c-af4b-0f5f5e3f9f01',
  status: 'running',
  attempts: 1,
  created_at: '2026-01-05T10:00:00.000Z',
  updated_at: '2026-01-05T10:00:00.000Z',
}

for (const redis of [false, true]) {
  describe(`what an order promises, queue in ${redis ? 'Redis' : 'the database'}`, { skip: redis && noRedis }, () => {
    let shop: TestShop
    let customer_id: number
    let sql: pg.Client
    const product = async (stock: number) =>
      (await send(`${shop.url}/products/`, { body: { name: 'Lamp', price: 10, stock } })).json
    const order = async (body: object, headers = {}) =>
      send(`${shop.url}/orders/`, { body: { customer_id, ...body }, headers })
    const busyOrder = (body: object, key?: string) => insist(shop.url, { customer_id, ...body }, key)
    const stock = async (id: number) => (await send(`${shop.url}/products/${id}`)).json.stock

    before(async () => {
      const env = { WORKER_CONCURRENCY: '50', DATABASE_POOL: '60' }
      shop = await openShop({ redis, env })
      sql = new pg.Client({ connectionString: shop.postgres.url })
      await sql.connect()
      customer_id = (await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })).json.id
    })
    after(async () => {
      await sql.end()
      await shop.close()
    })

    test('the last 100 units and 1,000 orders: 100 succeed, 900 are out_of_stock, none takes a retry', async () => {
      const { id } = await product(100)
      const accepted: Answer[] = []
      for (let n = 0; n < 20; n++) {
        accepted.push(
          ...(await Promise.all(
            Array.from({ length: 50 }, () => busyOrder({ items: [{ product_id: id, quantity: 1 }] })),
          )),
        )
      }
      assert.ok(accepted.every(({ status }) => status === 202))
      assert.equal(new Set(accepted.map(({ json }) => json.job_id)).size, 1000)
      const jobs = []
      for (const answer of accepted) jobs.push(await settled(shop.url, answer)) // a thousand who wait cost more than the orders
      assert.equal(jobs.filter(({ status }) => status === 'succeeded').length, 100)
      assert.equal(
        jobs.filter(({ status, error }) => status === 'rejected' && error.code === 'out_of_stock').length,
        900,
      )
      assert.ok(jobs.every(({ attempts }) => attempts === 1))
      assert.equal(await stock(id), 0)
    })

    test('orders that name products in any order do not deadlock', async () => {
      const ids = [(await product(10_000)).id, (await product(10_000)).id, (await product(10_000)).id]
      const shuffled = () => ids.map((product_id) => ({ product_id, quantity: 1 })).sort(() => Math.random() - 0.5)
      const accepted = await Promise.all(Array.from({ length: 200 }, () => busyOrder({ items: shuffled() })))
      const jobs = await Promise.all(accepted.map((answer) => settled(shop.url, answer)))
      assert.deepEqual(
        jobs.filter(({ status, attempts }) => status !== 'succeeded' || attempts !== 1),
        [],
      )
      for (const id of ids) assert.equal(await stock(id), 9800)
    })

    test('1,000 posts with one key at once make one order and 1,000 equal answers', async () => {
      const { id } = await product(5000)
      const body = { items: [{ product_id: id, quantity: 1 }] }
      const key = 'one-of-a-thousand'
      // A connection whose request is too late is closed, as the client may be, in this same process.
      const once = () => order(body, { 'idempotency-key': key }).catch(() => undefined)
      const atOnce = await Promise.all(Array.from({ length: 1000 }, once))
      const served = atOnce.filter((answer) => answer !== undefined).filter(({ status }) => status !== 503)
      const refused = atOnce.length - served.length
      const answers = [...served, ...(await Promise.all(Array.from({ length: refused }, () => busyOrder(body, key))))]
      assert.ok(answers.every(({ status }) => status === 202))
      assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
      // Where the shop was too busy for some, the one whose order was taken may be among them.
      const originals = answers.filter(({ headers }) => headers.get('idempotent-replayed') !== 'true').length
      assert.ok(originals === 1 || (refused > 0 && originals === 0), `${originals} are no replay`)
      const [first] = answers
      assert.ok(first)
      assert.equal((await settled(shop.url, first)).status, 'succeeded')
      assert.equal(await stock(id), 4999)
      // Later, in another form of the same key and another order of the same fields: still the same answer.
      const later = await send(`${shop.url}/orders/`, {
        body: { ...body, customer_id },
        headers: { 'idempotency-key': '"one-of-a-thousand"' },
      })
      assert.equal(later.text, first.text)
      assert.equal(later.headers.get('idempotent-replayed'), 'true')
      const other = await order({ total: 1 }, { 'idempotency-key': 'one-of-a-thousand' })
      assert.equal(other.status, 422)
      assert.equal(other.json.code, 'idempotency_key_reused')
      const { rows } = await sql.query('select count(*)::int as n from orders where job_id = $1', [first.json.job_id])
      assert.equal(rows[0].n, 1)
    })

    test('a key whose claim was forgotten: the same body finds its old job, another body is another job', async () => {
      const headers = { 'idempotency-key': 'an-old-key' }
      const first = await order({ total: 1 }, headers)
      assert.equal((await settled(shop.url, first)).status, 'succeeded')
      const forget = async () => {
        await sql.query('delete from idempotency_keys')
        const redis = shop.redis && new Redis(shop.redis.url)
        if (redis) await redis.del(...(await redis.keys('idempotency:*')))
        redis?.disconnect()
      }
      await forget()
      assert.equal((await order({ total: 1 }, headers)).json.job_id, first.json.job_id)
      assert.equal((await order({ total: 2 }, headers)).status, 422, 'the old job has its key again')
      await forget()
      const other = await settled(shop.url, await order({ total: 2 }, headers))
      assert.equal((await send(`${shop.url}/orders/${other.order_id}`)).json.total, 2)
    })

    if (redis)
      test('a job that was removed by hand keeps its key', async () => {
        const headers = { 'idempotency-key': 'of-a-removed-job' }
        const first = await order({ total: 1 }, headers)
        const { order_id } = await settled(shop.url, first)
        const queue = new Queue('default', { connection: { url: shop.redis?.url as string } })
        await until(async () => (await queue.remove(first.json.job_id)) === 1)
        const other = await order({ total: 2 }, headers)
        assert.equal(other.json.code, 'idempotency_key_reused')
        const again = await order({ total: 1 }, headers)
        assert.equal(again.json.job_id, first.json.job_id)
        assert.equal((await settled(shop.url, again)).order_id, order_id)
        assert.equal(await queue.count(), 0, 'the other one was not enqueued')
        await queue.close()
      })

    if (redis)
      test('an order that is in the queue is answered 202, also when its claim was refused', async () => {
        const client = new Redis(shop.redis?.url as string)
        await client.hset(`idempotency:${hashKey('refused')}`, 'of another type', 1) // what SET refuses
        const answer = await order({ total: 3 }, { 'idempotency-key': 'refused' })
        assert.equal(answer.status, 202)
        assert.equal((await settled(shop.url, answer)).status, 'succeeded')
        client.disconnect()
      })

    test('of two bodies with one key at once one is ordered, once, and all who sent the other are told', async () => {
      const [a, b] = [(await product(500)).id, (await product(500)).id]
      const ofEither = (index: number) => ({ items: [{ product_id: index % 2 === 0 ? a : b, quantity: 1 }] })
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, index) => busyOrder(ofEither(index), 'one-of-two-bodies')),
      )
      const accepted = answers.filter(({ status }) => status === 202)
      assert.equal(accepted.length, 100)
      assert.ok(answers.every(({ status, json }) => status === 202 || json.code === 'idempotency_key_reused'))
      assert.equal(new Set(accepted.map(({ text }) => text)).size, 1)
      // None, where the shop was too busy for the one whose order was taken.
      assert.ok(accepted.filter(({ headers }) => headers.get('idempotent-replayed') !== 'true').length <= 1)
      await settled(shop.url, accepted[0] as Answer)
      await settled(shop.url, await order({ total: 1 })) // what came after all of them is done, so they would be, too
      assert.equal((await stock(a)) + (await stock(b)), 999)
    })

    test('a cancelled order gives its stock back once, however often and at once, and stays readable', async () => {
      const { id } = await product(10)
      const job = await settled(shop.url, await order({ items: [{ product_id: id, quantity: 4 }] }))
      assert.equal(await stock(id), 6)
      await send(`${shop.url}/products/`)
      const cancel = () => send(`${shop.url}/orders/${job.order_id}/cancel`, { method: 'POST' })
      const answers = await Promise.all(Array.from({ length: 20 }, cancel))
      assert.ok(answers.every(({ status, json }) => status === 200 && json.status === 'cancelled'))
      assert.equal((await cancel()).json.status, 'cancelled')
      assert.equal(await stock(id), 10)
      const list = (await send(`${shop.url}/products/`)).json.products
      assert.equal(list.find((row: { id: number }) => row.id === id).stock, 10, 'the cached list was invalidated')
      assert.equal((await send(`${shop.url}/orders/${job.order_id}`)).json.items[0].quantity, 4)
      assert.equal((await send(`${shop.url}/orders/2147483647/cancel`, { method: 'POST' })).status, 404)
    })

    test('a total beyond what can be stored is rejected, not retried', async () => {
      const dear = (
        await send(`${shop.url}/products/`, { body: { name: 'Palace', price: 9_999_999_999.99, stock: 5 } })
      ).json
      const job = await settled(shop.url, await order({ items: [{ product_id: dear.id, quantity: 2 }] }))
      assert.deepEqual([job.status, job.error.code, job.attempts], ['rejected', 'total_too_large', 1])
    })

    test('Prefer: wait holds the answer until it is final, or for as long as was asked', async () => {
      const accepted = await order({ total: 5 })
      const waited = await send(shop.url + accepted.json.status_url, { headers: { prefer: 'wait=10' } })
      assert.equal(waited.json.status, 'succeeded')
      assert.equal(waited.headers.get('preference-applied'), 'wait=10')
      assert.equal(waited.headers.get('link'), `</orders/${waited.json.order_id}>; rel="related"`)
      assert.equal(waited.headers.get('retry-after'), null)
      // Held up by a lock on the customer, the order can't end: the wait does.
      await sql.query('begin')
      await sql.query('select 1 from customers where id = $1 for update', [customer_id])
      const held = await order({ total: 6 })
      const start = performance.now()
      const timedOut = await send(shop.url + held.json.status_url, { headers: { prefer: 'respond-async, wait=1' } })
      assert.ok(performance.now() - start >= 950)
      assert.ok(['running', 'queued'].includes(timedOut.json.status))
      assert.equal(timedOut.headers.get('retry-after'), '1')
      await sql.query('rollback')
      assert.equal((await settled(shop.url, held)).status, 'succeeded')
    })

    test('Accept: text/event-stream streams the states and closes after the final one', async () => {
      const accepted = await order({ total: 7 })
      const response = await fetch(shop.url + accepted.json.status_url, { headers: { accept: 'text/event-stream' } })
      assert.equal(response.headers.get('content-type'), 'text/event-stream')
      const events = (await response.text())
        .trim()
        .split('\n\n')
        .map((event) => JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? 'null'))
      assert.equal(events.at(-1).status, 'succeeded')
      const order_of = ['queued', 'running', 'succeeded']
      assert.deepEqual(
        events.map(({ status }) => order_of.indexOf(status)).toSorted((a, b) => a - b),
        events.map(({ status }) => order_of.indexOf(status)),
      )
      const unknown = await send(`${shop.url}/orders/jobs/5d1a2f6e-94f5-8e0c-af4b-0f5f5e3f9f01`, {
        headers: { accept: 'text/event-stream' },
      })
      assert.equal(unknown.status, 404)
    })
  })

  describe(`limits of intake, queue in ${redis ? 'Redis' : 'the database'}`, { skip: redis && noRedis }, () => {
    let api: TestShop
    before(async () => {
      const env = {
        QUEUE_MAX_PENDING: '3',
        WORKER_CONCURRENCY: '10',
        MAX_STREAMS: '1',
        JOB_ATTEMPTS: '2',
        JOB_BACKOFF: '1',
      }
      api = await openShop({ redis, env })
    })
    after(() => api.close())

    test('over MAX_STREAMS a client that would wait is told to ask without waiting', async () => {
      const sql = new pg.Client({ connectionString: api.postgres.url })
      await sql.connect()
      const { id } = (await send(`${api.url}/customers/`, { body: { name: 'Bo', email: 'bo@example.com' } })).json
      await sql.query('begin')
      await sql.query('select 1 from customers where id = $1 for update', [id]) // its order stays under way
      const accepted = await send(`${api.url}/orders/`, { body: { customer_id: id, total: 1 } })
      const waiting = settled(api.url, accepted)
      const refused = await until(async () => {
        const answer = await send(api.url + accepted.json.status_url, { headers: { prefer: 'wait=1' } })
        return answer.status === 503 && answer
      })
      assert.equal(refused.json.code, 'too_many_streams')
      assert.equal((await send(api.url + accepted.json.status_url)).status, 200)
      await sql.query('rollback')
      assert.equal((await waiting).status, 'succeeded')
      await sql.end()
    })

    test('a client that leaves while it waits or streams gives its place free, though the state has not changed', async () => {
      const sql = new pg.Client({ connectionString: api.postgres.url })
      await sql.connect()
      const { id } = (await send(`${api.url}/customers/`, { body: { name: 'Eva', email: 'eva@example.com' } })).json
      await sql.query('begin')
      await sql.query('select 1 from customers where id = $1 for update', [id]) // its order stays under way
      const accepted = await send(`${api.url}/orders/`, { body: { customer_id: id, total: 1 } })
      const url = api.url + accepted.json.status_url
      for (const headers of [{ accept: 'text/event-stream' }, { prefer: 'wait=30' }]) {
        const leaving = new AbortController()
        const hold = async () => {
          // The place may be taken by the one who only looks whether it is.
          while ((await fetch(url, { headers, signal: leaving.signal })).status === 503);
        }
        const left = hold().catch(() => {})
        const taken = () => send(url, { headers: { prefer: 'wait=1' } })
        await until(async () => (await taken()).status === 503)
        leaving.abort()
        await left
        await inTime(5000, () => until(async () => (await taken()).status === 200))
      }
      await sql.query('rollback')
      assert.equal((await settled(api.url, accepted)).status, 'succeeded')
      await sql.end()
    })

    test('over QUEUE_MAX_PENDING the answer is 503, nothing is enqueued, and the queue recovers by itself', async () => {
      const sql = new pg.Client({ connectionString: api.postgres.url })
      await sql.connect()
      const { id } = (await send(`${api.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })).json
      await sql.query('begin')
      await sql.query('select 1 from customers where id = $1 for update', [id]) // the workers stand still
      const answers: Answer[] = []
      for (let n = 0; n < 20; n++)
        answers.push(
          await send(`${api.url}/orders/`, {
            body: { customer_id: id, total: n },
            headers: { 'idempotency-key': `full-${n}` },
          }),
        )
      const accepted = answers.filter(({ status }) => status === 202)
      const refused = answers.filter(({ status }) => status === 503)
      assert.equal(accepted.length + refused.length, 20)
      assert.ok(
        accepted.length >= 3 && accepted.length <= 13,
        `${accepted.length} accepted: 10 at work and 3 that wait`,
      )
      for (const { json, headers } of refused) {
        assert.equal(json.code, 'queue_full')
        assert.ok(Number(headers.get('retry-after')) >= 1)
      }
      // Full for others, but this one is in: a retry is told so.
      const retry = await send(`${api.url}/orders/`, {
        body: { customer_id: id, total: 0 },
        headers: { 'idempotency-key': 'full-0' },
      })
      assert.deepEqual([retry.status, retry.headers.get('idempotent-replayed')], [202, 'true'])
      assert.equal(retry.text, accepted[0]?.text)
      const last = answers.findLastIndex(({ status }) => status === 503)
      await sql.query('rollback')
      for (const answer of accepted) assert.equal((await settled(api.url, answer)).status, 'succeeded') // one stream at a time
      const { rows } = await sql.query('select count(*)::int as n from orders where customer_id = $1', [id])
      assert.equal(rows[0].n, accepted.length)
      // The key of a refused order was given back: even another body may come with it.
      const again = await until(async () => {
        const answer = await send(`${api.url}/orders/`, {
          body: { customer_id: id, total: 1000 },
          headers: { 'idempotency-key': `full-${last}` },
        })
        return answer.status === 202 && answer
      })
      assert.equal((await settled(api.url, again)).status, 'succeeded')
      await sql.end()
    })

    test('a paused queue is full at QUEUE_MAX_PENDING like any other', async () => {
      const { id } = (await send(`${api.url}/customers/`, { body: { name: 'Uma', email: 'uma@example.com' } })).json
      const accepted: Answer[] = []
      await whilePaused(api, async () => {
        const refused = await until(async () => {
          const answer = await send(`${api.url}/orders/`, { body: { customer_id: id, total: 1 } })
          if (answer.status === 202) accepted.push(answer)
          return answer.status === 503 && answer
        })
        assert.equal(refused.json.code, 'queue_full')
        assert.equal(accepted.length, 3)
      })
      for (const answer of accepted) assert.equal((await settled(api.url, answer)).status, 'succeeded')
    })
  })
}

test('an event stream without news says that it is still there', async () => {
  const end = Promise.withResolvers<void>()
  async function* states() {
    yield exampleStatus
    await end.promise
    yield { ...exampleStatus, status: 'succeeded' as const }
  }
  const texts: string[] = []
  for await (const text of eventStream(states(), 10)) {
    texts.push(text)
    if (texts.length === 3) end.resolve()
  }
  assert.ok(texts.slice(1, 3).every((text) => /^: .*\n\n$/.test(text)))
  assert.match(texts.at(-1) ?? '', /^event: status\ndata: .*"succeeded".*\n\n$/)
})
