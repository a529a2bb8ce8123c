import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import type { App } from '../src/http/validation.ts'
import { send } from '../support/http.ts'
import { settled } from './support/order-client.ts'
import { openShop, type TestShop } from './support/shop.ts'

// Each error that the document names is provoked, on each route that it names it for. What it does not name never comes in
// fuzz.test.ts.

interface Operation {
  method: string
  path: string
  parameters?: { in: string }[]
  responses: Record<string, unknown>
}
/** The answer to a request that should fail. */
type Refused = { status: number; json: { status: number; code: string } }

const token = 'sixteen-or-more-letters'
const folder = mkdtempSync(join(tmpdir(), 'documented-errors-'))
let shop: TestShop
/** Limits each route to one request. */
let limited: TestShop
let operations: Operation[]
/** A product and a customer that an order refers to. */
let product: number
let customer: number

before(async () => {
  subscribe('fastify.initialization', addFailingPart)
  shop = await openShop({ env: { LAB: 'on', DATA_DIR: folder, ADMIN_TOKEN: token } })
  limited = await openShop({ env: { LAB: 'on', DATA_DIR: folder, RATE_LIMIT: '1/hour' } })
  product = (await ask('/products/', { body: { name: 'Lamp', price: 1, stock: 10 } })).json.id
  customer = (await ask('/customers/', { body: { name: 'Ana', email: 'ana@example.com' } })).json.id
  const items = [{ product_id: product, quantity: 1 }]
  await settled(shop.url, await ask('/orders/', { body: { customer_id: customer, items } }))
  const { paths } = (await ask('/openapi.json')).json as { paths: Record<string, Record<string, Operation>> }
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  )
})
after(async () => {
  await Promise.all([shop.close(), limited.close()])
  rmSync(folder, { recursive: true })
})

/** Gives the API a part that fails, or hangs, when it is asked to. */
function addFailingPart(message: unknown): void {
  unsubscribe('fastify.initialization', addFailingPart)
  const { fastify } = message as { fastify: App }
  fastify.addHook('preValidation', async ({ headers }) => {
    if (headers['x-part'] === 'fails') throw new Error('a part failed')
    if (headers['x-part'] === 'hangs') await new Promise<never>(() => {})
  })
}

const ask = (path: string, options: Parameters<typeof send>[1] = {}) =>
  send(shop.url + path, { ...options, headers: { authorization: `Bearer ${token}`, ...options.headers } })

/** The path with something for its parameter. */
const at = (path: string, value: string | number) => path.replace(/\{\w+\}/, String(value))
const someId = (path: string) => (path.includes('job_id') ? '5d1a2f6e-94f5-8e0c-af4b-0f5f5e3f9f01' : 1)
const unknownId = (path: string) => (path.includes('{id}') ? 2_000_000_000 : someId(path))

/** A body that is right for a change, where a route needs one. */
const changeOf = ({ method, path }: Operation) =>
  method === 'PATCH' ? { body: path.startsWith('/products') ? { stock: 1 } : { name: 'Ana' } } : {}

const provocations: Record<string, (operation: Operation) => Promise<Refused>> = {
  400: ({ method, path }) =>
    method === 'GET' ? ask(at(path, '%zz')) : ask(at(path, someId(path)), { method, body: '{' }),
  401: ({ method, path }) => send(shop.url + at(path, someId(path)), { method }),
  403: ({ method, path }) => ask(at(path, someId(path)), { method, headers: { origin: 'https://elsewhere.test' } }),
  404: (operation) => {
    const { method, path } = operation
    return ask(at(path, unknownId(path)), { method, ...changeOf(operation) })
  },
  408: ({ method, path }) => sendSlowly(method, at(path, someId(path))),
  409: ({ method, path }) => {
    const conflict = conflicts[`${method} ${path}`]
    assert.ok(conflict, 'nobody knows how to cause this conflict')
    return conflict()
  },
  412: (operation) => {
    const { method, path } = operation
    return ask(at(path, product), { method, headers: { 'if-match': '"another"' }, ...changeOf(operation) })
  },
  413: ({ method, path }) => ask(at(path, someId(path)), { method, body: JSON.stringify('x'.repeat(70_000)) }),
  414: ({ method, path }) => ask(at(path, 'x'.repeat(5000)), { method }),
  415: ({ method, path }) =>
    ask(at(path, someId(path)), { method, headers: { 'content-type': 'text/plain' }, body: 'x' }),
  422: ({ method, path, parameters = [] }) => {
    if (path.includes('{')) return ask(at(path, 'NONE'), { method })
    return parameters.some((parameter) => parameter.in === 'query')
      ? ask(`${path}?limit=0`, { method })
      : ask(path, { method, body: [] })
  },
  429: async ({ method, path }) => {
    const url = limited.url + at(path, someId(path))
    await send(url, { method })
    return send(url, { method })
  },
  431: ({ method, path }) => ask(at(path, someId(path)), { method, headers: { 'x-large': 'x'.repeat(10_000) } }),
  500: ({ method, path }) => ask(at(path, someId(path)), { method, headers: { 'x-part': 'fails' } }),
  503: ({ method, path }) => ask(at(path, someId(path)), { method, headers: { 'x-part': 'hangs' } }),
}

const taken = () => ({ name: 'Bo', email: 'ana@example.com' })
const conflicts: Record<string, () => Promise<Refused>> = {
  'DELETE /products/{id}': () => ask(`/products/${product}`, { method: 'DELETE' }),
  'POST /customers/': () => ask('/customers/', { body: taken() }),
  'PATCH /customers/{id}': async () => {
    const other = await ask('/customers/', { body: { name: 'Bo', email: 'bo@example.com' } })
    return ask(`/customers/${other.json.id}`, { method: 'PATCH', body: taken() })
  },
  'DELETE /customers/{id}': () => ask(`/customers/${customer}`, { method: 'DELETE' }),
  'POST /lab/runs': async () => {
    const run = { experiment: 'rate-limit' }
    const first = await ask('/lab/runs', { body: run })
    assert.equal(first.status, 202, first.text)
    const second = await ask('/lab/runs', { body: run })
    await ask(`/lab/runs/${first.json.run_id}`, { method: 'DELETE' })
    return second
  },
}

/** Sends the first byte of a body, and waits for the answer. */
async function sendSlowly(method: string, path: string): Promise<Refused> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': 10 }
  const sent = request(shop.url + path, { method, headers })
  sent.write('{')
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  sent.on('error', () => {}).destroy()
  return { status: response.statusCode ?? 0, json: (await json(response)) as Refused['json'] }
}

/** Of all operations that document a status, at the same time. */
async function provoke(status: string): Promise<void> {
  const provocation = provocations[status]
  assert.ok(provocation, `${status} is documented, and nobody knows how to cause it`)
  const documented = operations.filter(({ responses }) => responses[status])
  assert.ok(documented.length > 0)
  await Promise.all(
    documented.map(async (operation) => {
      const answer = await provocation(operation)
      const name = `${operation.method} ${operation.path}`
      assert.equal(answer.status, Number(status), `${name}: ${JSON.stringify(answer.json)}`)
      assert.equal(answer.json.status, Number(status), name)
    }),
  )
}

for (const status of Object.keys(provocations)) {
  test(`${status} comes from every route that documents it`, () => provoke(status))
}

test('no other error is documented', () => {
  const documented = operations.flatMap(({ responses }) => Object.keys(responses))
  const errors = [...new Set(documented)].filter((status) => Number(status) >= 400)
  assert.deepEqual(errors.sort(), Object.keys(provocations).sort())
})
