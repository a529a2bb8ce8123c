import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ConfigError, readConfig } from '../src/config.ts'
import { openAccess } from '../src/http/open-access.ts'
import { send } from '../support/http.ts'
import { startPostgres } from '../support/servers.ts'
import { spawnShop } from '../support/shop-process.ts'
import { settled } from './support/order-client.ts'
import { openShop, type TestShop } from './support/shop.ts'

const token = 'correct-horse_battery.staple~2026'
const bearer = { authorization: `Bearer ${token}` }
const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`me:${password}`).toString('base64')}` })

/** All that needs the token; everything else in the document is for shoppers. */
const guarded = [
  'DELETE /customers/{id}',
  'DELETE /products/{id}',
  'GET /cache',
  'GET /customers/',
  'GET /customers/{id}',
  'GET /metrics',
  'PATCH /customers/{id}',
  'PATCH /products/{id}',
  'POST /products/',
]

interface Operation {
  security?: Record<string, unknown[]>[]
  responses: Record<string, unknown>
}

async function operationsOf(shop: TestShop) {
  const document = (await send(`${shop.url}/openapi.json`)).json
  const operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, { security, responses }]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        url: shop.url + path.replace('{id}', '1').replace('{job_id}', '5d1a2f6e-94f5-8e0c-af4b-0f5f5e3f9f01'),
        security,
        responses,
      })),
  )
  return { document, operations }
}

describe('a shop with an ADMIN_TOKEN', () => {
  let shop: TestShop
  before(async () => {
    shop = await openShop({ env: { ADMIN_TOKEN: token } })
  })
  after(() => shop.close())

  test('the document says of exactly the routes for administration that they need it', async () => {
    const { document, operations } = await operationsOf(shop)
    const { description, ...scheme } = document.components.securitySchemes.adminToken
    assert.deepEqual(scheme, { type: 'http', scheme: 'bearer' })
    assert.match(description, /ADMIN_TOKEN/)
    const marked = operations.filter(({ security }) => security !== undefined)
    assert.deepEqual(marked.map(({ name }) => name).sort(), guarded)
    for (const { name, security, responses } of marked) {
      assert.deepEqual(security, [{ adminToken: [] }], name)
      assert.ok(responses['401'], name)
    }
    assert.ok(operations.every(({ security, responses }) => security || !responses['401']))
  })

  test('those answer 401 without it and with another, and do what they do with it; all others never ask', async () => {
    const { operations } = await operationsOf(shop)
    for (const { name, method, url } of operations) {
      const without = await send(url, { method })
      if (!guarded.includes(name)) {
        assert.notEqual(without.status, 401, name)
        continue
      }
      assert.equal(without.status, 401, name)
      assert.equal(without.json.code, 'admin_token_required')
      assert.equal(without.headers.get('www-authenticate'), 'Bearer realm="shop administration"')
      for (const wrong of [token.slice(1), `${token}x`, token.toUpperCase(), '']) {
        const answer = await send(url, { method, headers: { authorization: `Bearer ${wrong}` } })
        assert.equal(answer.status, 401, `${name} with ${wrong}`)
      }
      for (const headers of [basic(token), { authorization: token }, { 'x-admin-token': token }])
        assert.equal((await send(url, { method, headers })).status, 401, name)
      assert.notEqual((await send(url, { method, headers: bearer })).status, 401, name)
    }
    const wrong = await send(`${shop.url}/cache`, { headers: { authorization: 'Bearer x' } })
    assert.equal(wrong.headers.get('www-authenticate'), 'Bearer realm="shop administration", error="invalid_token"')
    assert.equal((await send(`${shop.url}/customers/`, { method: 'HEAD' })).status, 401, 'HEAD is GET')
    assert.equal((await send(`${shop.url}/customers`)).status, 401, 'with or without the slash')
    assert.equal((await send(`${shop.url}/customers/`, { method: 'PUT' })).status, 405, 'no method, no secret')
  })

  test('a refused write changes nothing, an admitted one does', async () => {
    const lamp = { name: 'Lamp', price: 1, stock: 1 }
    assert.equal((await send(`${shop.url}/products/`, { body: lamp })).status, 401)
    assert.deepEqual((await send(`${shop.url}/products/`)).json.products, [])
    assert.equal((await send(`${shop.url}/products/`, { body: lamp, headers: bearer })).status, 201)
    assert.equal((await send(`${shop.url}/products/`)).json.products.length, 1)
  })

  test('a shopper registers, orders, follows the order and cancels it without a token', async () => {
    const product = await send(`${shop.url}/products/`, { body: { name: 'Mug', price: 3, stock: 9 }, headers: bearer })
    const customer = await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })
    assert.equal(customer.status, 201)
    const items = [{ product_id: product.json.id, quantity: 1 }]
    const accepted = await send(`${shop.url}/orders/`, { body: { customer_id: customer.json.id, items } })
    const { order_id } = await settled(shop.url, accepted)
    const order = await send(`${shop.url}/orders/${order_id}`)
    assert.deepEqual([order.status, order.json.total], [200, 3])
    assert.ok(!/Ana|example/.test(order.text), 'an order holds no personal data')
    assert.equal((await send(`${shop.url}/orders/${order_id}/cancel`, { method: 'POST' })).status, 200)
  })

  test('the dashboard takes the token as a bearer token and as the password', async () => {
    const jobs = `${shop.urls.dashboard}/api/queues`
    assert.equal((await send(jobs)).status, 401)
    for (const headers of [bearer, basic(token)]) assert.equal((await send(jobs, { headers })).status, 200)
    for (const headers of [basic(''), basic('x'), { authorization: 'Bearer x' }])
      assert.equal((await send(jobs, { headers })).status, 401)
  })
})

test('the token is needed on METRICS_PORT and by a worker too, and health never asks', async () => {
  const own = await openShop({ role: 'worker', env: { ADMIN_TOKEN: token, METRICS_PORT: '0' } })
  try {
    assert.equal((await send(`${own.urls.metrics}/metrics`)).status, 401)
    assert.equal((await send(`${own.urls.metrics}/metrics`, { headers: bearer })).status, 200)
    assert.equal((await send(`${own.url}/health/live`)).status, 200)
  } finally {
    await own.close()
  }
  const shared = await openShop({ role: 'worker', env: { ADMIN_TOKEN: token } })
  try {
    assert.equal((await send(`${shared.url}/metrics`)).status, 401)
    assert.equal((await send(`${shared.url}/metrics`, { headers: bearer })).status, 200)
  } finally {
    await shared.close()
  }
})

test('a dashboard off loopback with a token is not read-only, and keeps its own password', async () => {
  const env = { ADMIN_TOKEN: token, DASHBOARD_HOST: '0.0.0.0', DASHBOARD_PASSWORD: 'pass:word' }
  const shop = await openShop({ env })
  try {
    const jobs = `${shop.urls.dashboard?.replace('0.0.0.0', '127.0.0.1')}/api/queues`
    for (const headers of [bearer, basic(token), basic('pass:word')])
      assert.equal((await send(jobs, { headers })).json.queues[0].readOnlyMode, false)
    assert.equal((await send(jobs, { headers: { authorization: 'Bearer pass:word' } })).status, 401)
  } finally {
    await shop.close()
  }
})

test('guesses are counted by the rate limit', async () => {
  const shop = await openShop({ env: { ADMIN_TOKEN: token, RATE_LIMIT: '3/minute' } })
  try {
    const guess = () => send(`${shop.url}/cache`, { headers: { authorization: 'Bearer guess' } })
    const statuses = []
    for (let n = 0; n < 5; n++) statuses.push((await guess()).status)
    assert.deepEqual(statuses, [401, 401, 401, 429, 429])
  } finally {
    await shop.close()
  }
})

describe('without an ADMIN_TOKEN', () => {
  test('everything is open, and the document asks for nothing', async () => {
    const shop = await openShop()
    try {
      const { document, operations } = await operationsOf(shop)
      assert.equal(document.components.securitySchemes, undefined)
      for (const { name, method, url, security } of operations) {
        assert.equal(security, undefined, name)
        assert.notEqual((await send(url, { method })).status, 401, name)
      }
    } finally {
      await shop.close()
    }
  })

  test('one warning at the start names what is open; with one there is none', async () => {
    const postgres = await startPostgres()
    try {
      const warnings = async (env: Record<string, string>) => {
        const shop = await spawnShop('all', { DATABASE_URL: postgres.url, ...env })
        const { output } = shop
        await shop.end('SIGTERM')
        return output().match(/ADMIN_TOKEN is not set[^"]*/g)
      }
      assert.deepEqual(await warnings({}), [
        'ADMIN_TOKEN is not set; accessible without authentication: catalogue writes, customer data, /cache, /metrics, the dashboard',
      ])
      assert.equal(await warnings({ ADMIN_TOKEN: token }), null)
    } finally {
      await postgres.stop()
    }
  })

  test('each role names what it opens itself', () => {
    const config = readConfig({})
    assert.match(openAccess(config, 'api') ?? '', /: catalogue writes, customer data, \/cache, \/metrics$/)
    assert.match(openAccess(config, 'worker') ?? '', /: \/metrics$/)
    assert.match(openAccess(config, 'dashboard') ?? '', /: the dashboard$/)
    assert.equal(openAccess(readConfig({ DASHBOARD_PASSWORD: 'x' }), 'dashboard'), undefined)
  })
})

test('a token that is short or cannot be sent stops the start, and is not repeated', () => {
  for (const wrong of ['hunter2', 'fifteen-letters', 'with a blank in the middle', 'ñandú-ñandú-ñandú-ñandú'])
    assert.throws(
      () => readConfig({ ADMIN_TOKEN: wrong }),
      (error: Error) =>
        error instanceof ConfigError && /^ADMIN_TOKEN: expected/.test(error.message) && !error.message.includes(wrong),
    )
})
