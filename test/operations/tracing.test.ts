import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import type { Span } from '../../scripts/traces/otlp.ts'
import { waterfall } from '../../scripts/traces/waterfall.ts'
import { readConfig } from '../../src/config.ts'
import { summarize } from '../../src/observability/tracing/database.tracing.ts'
import { startShop } from '../../src/shop.ts'
import { send } from '../../support/http.ts'
import { noRedis, type Server, silent, startPostgres, startRedis } from '../../support/servers.ts'
import { type ShopProcess, spawnShop } from '../../support/shop-process.ts'
import { until } from '../../support/until.ts'
import { collector, linesOf, newTraceId, PARENT, traced, traceparent } from '../support/collector.ts'
import { readText } from '../support/markdown.ts'
import { settled } from '../support/order-client.ts'

for (const redis of [true, false]) {
  describe(`traces of an API and a worker, queue in ${redis ? 'Redis' : 'the database'}`, {
    skip: redis && noRedis,
  }, () => {
    let stores: Server[]
    let seen: Awaited<ReturnType<typeof collector>>
    let api: ShopProcess
    let worker: ShopProcess
    let sql: pg.Client
    let customer_id: number
    let product_id: number

    before(async () => {
      const postgres = await startPostgres()
      const store = redis ? await startRedis() : undefined
      stores = [postgres, ...(store ? [store] : [])]
      const env = { DATABASE_URL: postgres.url, ...(store && { REDIS_URL: store.url }) }
      await (await startShop({ config: readConfig(env), role: 'migrate', log: silent })).close()
      seen = await collector()
      const settings = { ...env, ...traced(seen.url), JOB_ATTEMPTS: '2', JOB_BACKOFF: '1' }
      ;[api, worker] = await Promise.all([spawnShop('api', settings), spawnShop('worker', settings)])
      sql = new pg.Client({ connectionString: postgres.url })
      await sql.connect()
      customer_id = (await send(`${api.url}/customers/`, { body: { name: 'Ana Secret', email: 'ana@secret.example' } }))
        .json.id
      product_id = (await send(`${api.url}/products/`, { body: { name: 'Lamp Secret', price: 7654.32, stock: 9 } }))
        .json.id
    })
    after(async () => {
      await Promise.all([api.end('SIGTERM'), worker.end('SIGTERM')])
      await seen.close()
      await Promise.all(stores.map((store) => store.stop()))
    })

    const order = (trace_id: string, body: object, headers = {}) =>
      send(`${api.url}/orders/`, { body: { customer_id, ...body }, headers: { ...traceparent(trace_id), ...headers } })

    /** An order that was accepted, and its trace; one that a busy shop refuses is sent again in another trace. */
    const placed = (body: object) =>
      until(async () => {
        const id = newTraceId()
        const accepted = await order(id, body)
        return accepted.status === 202 && { id, accepted }
      })

    test('an order is one trace, from the client through the queue to the commit', async () => {
      const id = newTraceId()
      const accepted = await order(id, { items: [{ product_id, quantity: 1 }] })
      assert.equal((await settled(api.url, accepted)).status, 'succeeded')
      const spans = await seen.trace(id, 'POST /orders/', 'orders process')
      const named = (name: string) => spans.find((span) => span.name === name) ?? assert.fail(`no span ${name}`)
      const path = (span: Span): string[] => {
        const parent = spans.find(({ span_id }) => span_id === span.parent_id)
        return [...(parent ? path(parent) : [`client ${span.parent_id}`]), `${span.service} ${span.kind} ${span.name}`]
      }
      const toProcess = [
        `client ${PARENT}`,
        'shop-api server POST /orders/',
        'shop-api producer orders publish',
        'shop-worker consumer orders process',
      ]
      assert.deepEqual(path(named('orders process')), toProcess)
      assert.deepEqual(path(named('transaction')), [...toProcess, 'shop-worker internal transaction'])
      const inTransaction = spans.filter(({ parent_id }) => parent_id === named('transaction').span_id)
      assert.deepEqual(
        inTransaction.toSorted((a, b) => a.start - b.start).map(({ kind, name }) => `${kind} ${name}`),
        [
          'client BEGIN',
          'client SELECT customers',
          'client SELECT products',
          'client INSERT orders INSERT order_items UPDATE products INSERT order_jobs',
          'client COMMIT',
        ],
      )
      assert.equal(named('cache invalidate').parent_id, named('orders process').span_id)
      assert.ok(spans.every(({ failed, start, end }) => !failed && start <= end))

      const { job_id } = accepted.json
      const server = named('POST /orders/').attributes
      assert.equal(server['http.request.method'], 'POST')
      assert.equal(server['http.route'], '/orders/')
      assert.equal(server['http.response.status_code'], 202)
      assert.equal(server['shop.request_id'], accepted.headers.get('x-request-id'))
      for (const name of ['orders publish', 'orders process'])
        assert.equal(named(name).attributes['messaging.message.id'], job_id)
      assert.equal(named('orders process').attributes['shop.order.outcome'], 'succeeded')
      assert.match(String(named('SELECT customers').attributes['db.query.text']), /where "id" in \(\$1\)/)
    })

    test('the lines of the log in both processes name the trace and a span of it', async () => {
      const id = newTraceId()
      await settled(api.url, await order(id, { total: 1 }))
      const spans = await seen.trace(id, 'POST /orders/', 'orders process')
      for (const [shop, message] of [
        [api, 'request'],
        [worker, 'order processed'],
      ] as const) {
        const line = await until(() => linesOf(shop).find(({ msg, trace_id }) => msg === message && trace_id === id))
        assert.ok(spans.some(({ span_id }) => span_id === line.span_id))
      }
    })

    test('a body that comes after its headers is still of the same trace', async () => {
      const id = newTraceId()
      const headers = { ...traceparent(id), 'content-type': 'application/json', expect: '100-continue' }
      const slow = request(`${api.url}/orders/`, { method: 'POST', headers })
      slow.once('continue', () => slow.end(JSON.stringify({ customer_id, total: 1 })))
      slow.flushHeaders()
      const [answer] = await once(slow, 'response')
      assert.equal(answer.statusCode, 202)
      answer.resume()
      const spans = await seen.trace(id, 'POST /orders/', 'orders process')
      assert.ok(spans.length > 5)
    })

    test('a rejection is no error; what fails is, in each attempt, within the same trace', async () => {
      await sql.query('alter table orders add constraint planted check (total <> 66.6)')
      const tooMany = { items: [{ product_id, quantity: 1000 }] }
      const [rejected, failed] = await Promise.all([placed(tooMany), placed({ total: 66.6 })])
      for (const { accepted } of [rejected, failed]) await settled(api.url, accepted)
      const [process] = (await seen.trace(rejected.id, 'orders process')).filter(
        ({ name }) => name === 'orders process',
      )
      assert.equal(process?.failed, false)
      assert.equal(process?.attributes['shop.order.rejection'], 'out_of_stock')

      const attempts = await until(async () => {
        const spans = (await seen.trace(failed.id, 'orders process')).filter(({ name }) => name === 'orders process')
        return spans.length === 2 && spans
      })
      assert.deepEqual(attempts.map(({ attributes }) => attributes['shop.job.attempt']).sort(), [1, 2])
      for (const span of attempts) {
        assert.ok(span.failed)
        assert.equal(span.attributes['error.type'], '23514')
      }
      const transaction = (await seen.trace(failed.id, 'transaction')).find(({ name }) => name === 'transaction')
      assert.equal(transaction?.attributes['shop.transaction.rolled_back'], true)
    })

    /** Traces of orders that the worker has at hand at the same time as one that is held in its transaction. */
    async function groupOf(bodies: object[]) {
      await sql.query('begin')
      await sql.query('select 1 from customers where id = $1 for update', [customer_id])
      const isRunning = async ({ accepted }: Awaited<ReturnType<typeof placed>>) =>
        (await send(api.url + accepted.json.status_url)).json.status === 'running'
      const first = await placed({ total: 1 })
      await until(() => isRunning(first))
      const others = await Promise.all(bodies.map(placed))
      await until(async () => (await Promise.all(others.map(isRunning))).every(Boolean))
      await sql.query('rollback')
      for (const { accepted } of others) await settled(api.url, accepted)
      return others.map(({ id }) => id)
    }
    const groupWith = (ids: string[]) =>
      until(() =>
        seen.spans.find(
          ({ name, links }) => name === 'orders decide' && links.some((link) => ids.includes(link.trace_id)),
        ),
      )

    test('the transaction of a group is a trace of its own, linked to those of its orders, and they to it', async () => {
      const ids = await groupOf([{ total: 2 }, { total: 3 }, { items: [{ product_id, quantity: 1000 }] }])
      const group = await groupWith(ids)
      assert.ok(group.links.length >= 2)
      assert.equal(group.attributes['shop.group.size'], group.links.length)
      assert.equal(group.parent_id, undefined)
      const spans = await seen.trace(group.trace_id, 'orders decide', 'transaction')
      assert.deepEqual(
        spans.filter(({ name }) => name === 'transaction').map(({ parent_id }) => parent_id),
        [group.span_id],
      )
      for (const { trace_id, span_id } of group.links) {
        assert.ok(ids.includes(trace_id))
        const ofOrder = await seen.trace(trace_id, 'POST /orders/', 'orders process')
        const process = ofOrder.find((span) => span.span_id === span_id)
        assert.equal(process?.name, 'orders process')
        assert.match(String(process.attributes['shop.order.outcome']), /^(succeeded|rejected)$/)
        assert.deepEqual(process.links, [{ trace_id: group.trace_id, span_id: group.span_id }])
        assert.ok(!ofOrder.some(({ name }) => name === 'transaction'))
      }
    })

    test('when a group fails, its span has failed, the log says why, and each order has a transaction in its trace', async () => {
      await sql.query('alter table orders add constraint planted_group check (total <> 77.7)')
      const ids = await groupOf([{ total: 4 }, { total: 77.7 }, { total: 5 }])
      const group = await groupWith(ids)
      assert.ok(group.failed)
      for (const { trace_id } of group.links) await seen.trace(trace_id, 'orders process', 'transaction')
      const line = await until(() => linesOf(worker).find(({ msg }) => /^a group of orders failed/.test(msg)))
      assert.equal(line.err.code, '23514')
      assert.ok(!('trace_id' in line), 'the line belongs to no order')
    })

    test('a read of the catalogue shows how the cache was used, and the query of a miss below it', async () => {
      await send(`${api.url}/products/`, { body: { name: 'Chair', price: 1, stock: 1 } })
      const outcomes = new Map<unknown, string[]>()
      await until(async () => {
        const id = newTraceId()
        await send(`${api.url}/products/`, { headers: traceparent(id) })
        const spans = await seen.trace(id, 'GET /products/')
        const read = spans.find(({ name }) => name === 'cache read')
        const below = spans.filter(({ parent_id }) => parent_id === read?.span_id).map(({ name }) => name)
        outcomes.set(read?.attributes['shop.cache.outcome'], below)
        return outcomes.has('hit')
      })
      assert.deepEqual(outcomes.get('hit'), [])
      assert.deepEqual(outcomes.get('stored'), ['SELECT products'])
    })

    test('without a traceparent, or with one that is none, a trace begins; one that is not sampled is not sent', async () => {
      const invalid = { traceparent: `00-${'0'.repeat(32)}-${PARENT}-01` }
      for (const [path, headers] of [
        ['/orders/1', {}],
        ['/orders/2', invalid],
      ] as const)
        await send(api.url + path, { headers })
      const roots = await until(() => {
        const spans = seen.spans.filter(({ name, parent_id }) => name === 'GET /orders/:id' && !parent_id)
        return spans.length === 2 && spans
      })
      assert.notEqual(roots[0]?.trace_id, roots[1]?.trace_id)

      const [unsampled, later] = [newTraceId(), newTraceId()]
      await send(`${api.url}/orders/3`, { headers: traceparent(unsampled, '00') })
      await send(`${api.url}/orders/3`, { headers: traceparent(later) })
      await seen.trace(later, 'GET /orders/:id')
      assert.ok(!seen.spans.some(({ trace_id }) => trace_id === unsampled))
      assert.ok(linesOf(api).some(({ trace_id }) => trace_id === unsampled))
    })

    test('what is refused before its handler is traced and logged like all else', async () => {
      const id = newTraceId()
      const headers = traceparent(id)
      await send(`${api.url}/nowhere`, { headers })
      await send(`${api.url}/orders/x`, { headers })
      await send(`${api.url}/orders/`, { headers, body: '{' })
      const spans = await seen.trace(id, 'GET', 'GET /orders/:id', 'POST /orders/')
      const facts = spans.map((span) => [span.attributes['http.response.status_code'], span.span_id, span.failed])
      const logged = await until(() => {
        const lines = linesOf(api).filter(({ msg, trace_id }) => msg === 'request' && trace_id === id)
        return lines.length === 3 && lines
      })
      assert.deepEqual(facts.toSorted(), logged.map(({ status, span_id }) => [status, span_id, false]).toSorted())
      assert.deepEqual(facts.map(([status]) => status).sort(), [400, 404, 422])
    })

    test('health and metrics are not traced, nor the statements they make', async () => {
      for (const path of ['/health', '/health/ready', '/whoami', '/metrics']) await send(api.url + path)
      const id = newTraceId()
      await send(`${api.url}/orders/`, { headers: traceparent(id) })
      await seen.trace(id, 'GET /orders/')
      const roots = seen.spans.filter(({ parent_id, name }) => !parent_id && name !== 'orders decide')
      assert.deepEqual([...new Set(roots.map(({ kind }) => kind))], ['server'])
      assert.ok(!seen.spans.some(({ name }) => /health|whoami|metrics/.test(name)))
    })

    test('what a client sent, and what PostgreSQL quotes, is in no span', async () => {
      const id = newTraceId()
      const again = { name: 'Ana Secret', email: 'ana@secret.example' }
      const headers = { ...traceparent(id), baggage: 'who=secret', 'user-agent': 'secret/1', 'x-secret': '1' }
      assert.equal((await send(`${api.url}/customers/`, { body: again, headers })).status, 409)
      const accepted = await send(`${api.url}/orders/?secret=1`, { body: { customer_id, total: 7654.32 }, headers })
      assert.equal((await send(`${api.url}/customers/ana@secret.example`, { headers })).status, 422)
      await settled(api.url, accepted)
      const spans = await seen.trace(id, 'POST /orders/', 'orders process')
      assert.ok(spans.some(({ attributes }) => attributes['error.type'] === '23505'))
      await seen.trace(id, 'GET /customers/:id')
      assert.doesNotMatch(seen.received.join(), /secret|7654\.32|127\.0\.0\.1/i)
    })

    test('the picture in docs/tracing.md has the spans of a real run, each under its parent', async () => {
      const id = newTraceId()
      await settled(api.url, await order(id, { items: [{ product_id, quantity: 1 }] }))
      const drawn = waterfall(await seen.trace(id, 'POST /orders/', 'orders process'))
      const documented = /^trace [\s\S]+?(?=\n```)/m.exec(readText('docs/tracing.md'))?.[0] ?? ''
      const tree = (picture: string) =>
        picture.split('\n').map((line) => line.replace(/( {2,}shop-\w+ | in )[ .\d]+(.*)/, '$1'))
      assert.deepEqual(tree(drawn).slice(1), tree(documented).slice(1))
      assert.match(drawn, new RegExp(`^trace ${id}: 11 spans in [.\\d]+ ms\n`))
      for (const line of drawn.split('\n').slice(2)) assert.match(line, / [\d.]+ +[\d.]+ \| *█+ *\|$/)
    })

    test('a request that is answered 503 has failed, and says why', async () => {
      const id = newTraceId()
      await sql.end()
      await stores[0]?.kill()
      assert.equal((await send(`${api.url}/orders/`, { headers: traceparent(id) })).status, 503)
      const span = (await seen.trace(id, 'GET /orders/')).find(({ name }) => name === 'GET /orders/')
      assert.ok(span?.failed)
      assert.equal(span.attributes['http.response.status_code'], 503)
      assert.match(String(span.attributes['error.type']), /^(ECONN\w+|57P0\d|Error)$/)
    })
  })
}

test('a statement is summarized by what it does to which tables', () => {
  for (const [sql, summary] of [
    ['select * from "products" where "id" in ($1, $2) order by "id" for update', 'SELECT products'],
    ['insert into "order_jobs" ("a") values ($1) on conflict ("a") do update set "b" = $2', 'INSERT order_jobs'],
    ['update "products" set "stock" = $1 from "order_items" where true', 'UPDATE products'],
    ['delete from "idempotency_keys" where "created_at" < $1', 'DELETE idempotency_keys'],
    ['begin', 'BEGIN'],
    ['select 1', 'SELECT'],
  ] as const)
    assert.equal(summarize(sql), summary)
})

test('spans that began within the same millisecond are drawn in the order in which they ended', () => {
  const about = {
    trace_id: '1',
    parent_id: undefined,
    kind: 'client',
    service: 'shop',
    failed: false,
    attributes: {},
    links: [],
  }
  const span = (name: string, takes: number) => ({ ...about, name, span_id: name, start: 5, end: 5 + takes })
  const drawn = waterfall([span('BEGIN', 0.9), span('COMMIT', 0.4)])
  assert.deepEqual(drawn.match(/^(BEGIN|COMMIT)/gm), ['BEGIN', 'COMMIT'])
  const links = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ trace_id: id.repeat(32), span_id: id.repeat(16) }))
  assert.match(
    waterfall([{ ...span('orders decide', 1), links }]),
    /█+\| → trace aaaaaaaa, bbbbbbbb, cccccccc, dddddddd and 1 more$/,
  )
})
