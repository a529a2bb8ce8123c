import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { send } from '../support/http.ts'
import { openShop, type TestShop } from './support/shop.ts'

interface Operation {
  method: string
  path: string
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, { content?: Record<string, Media> }>
}
interface Media {
  schema: { $ref?: string; examples?: unknown[] }
  example?: unknown
  examples?: object
}
const hasExample = ({ schema, example, examples }: Media) => (example ?? examples ?? schema.examples) !== undefined

const folder = mkdtempSync(join(tmpdir(), 'routes-'))
let shop: TestShop
let operations: Operation[]

before(async () => {
  shop = await openShop({ env: { RATE_LIMIT: '1/hour', LAB: 'on', DATA_DIR: folder } })
  const { paths } = (await send(`${shop.url}/openapi.json`)).json as {
    paths: Record<string, Record<string, Operation>>
  }
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  )
})
after(async () => {
  await shop.close()
  rmSync(folder, { recursive: true })
})

/** Routes of the lab, which only who sits at the machine can reach, and whose page asks more often than a shopper. */
const lab = ['/lab/parts', '/lab/experiments', '/lab/runs', '/lab/runs/{run_id}']
/** Routes that answer however often they are asked: a limited probe would take a healthy instance out. */
const probes = ['/health', '/health/live', '/health/ready', '/whoami', '/metrics']
const unlimited = [...probes, ...lab]

const concrete = (path: string) =>
  shop.url +
  path
    .replace('{id}', '2000000000')
    .replace('{job_id}', '5d1a2f6e-94f5-8e0c-af4b-0f5f5e3f9f01')
    .replace('{run_id}', 'none')

test('the document has every route of the contract', () => {
  const listed = operations.map(({ method, path }) => `${method} ${path}`).sort()
  assert.deepEqual(
    listed,
    [
      'GET /',
      ...['GET', 'POST'].flatMap((method) => ['products', 'customers', 'orders'].map((name) => `${method} /${name}/`)),
      ...['GET', 'PATCH', 'DELETE'].flatMap((method) =>
        ['products', 'customers'].map((name) => `${method} /${name}/{id}`),
      ),
      'GET /orders/{id}',
      'POST /orders/{id}/cancel',
      'GET /orders/jobs/{job_id}',
      'GET /cache',
      'POST /lab/runs',
      'DELETE /lab/runs/{run_id}',
      ...unlimited.map((path) => `GET ${path}`),
    ].sort(),
  )
})

test('every route is limited, but for a named few, each by itself', async () => {
  for (const { method, path } of operations) {
    const statuses = []
    for (let n = 0; n < 3; n++) statuses.push((await send(concrete(path), { method })).status)
    if (unlimited.includes(path)) assert.ok(!statuses.includes(429), `${method} ${path}`)
    else {
      assert.notEqual(statuses[0], 429, `${method} ${path} has a count of its own`)
      assert.deepEqual(statuses.slice(1), [429, 429], `${method} ${path}`)
    }
  }
})

test('every error is documented as a problem, every body has an example', () => {
  for (const { method, path, requestBody, responses } of operations) {
    const name = `${method} ${path}`
    for (const [status, { content }] of Object.entries(responses)) {
      if (Number(status) >= 400 && !path.startsWith('/health')) {
        assert.deepEqual(
          content?.['application/problem+json']?.schema,
          { $ref: '#/components/schemas/Problem' },
          `${name} ${status}`,
        )
      }
      const body = content?.['application/json']
      if (body) assert.ok(hasExample(body), `${name} ${status} has no example`)
    }
    for (const status of ['500', '503']) assert.ok(responses[status], `${name} ${status}`)
    if (!unlimited.includes(path)) assert.ok(responses['429'], `${name} 429`)
    const sent = requestBody?.content['application/json']
    if (['POST', 'PATCH'].includes(method) && !path.endsWith('/cancel')) assert.ok(sent && hasExample(sent), name)
  }
})

test('a method that a path has not is 405 with Allow, whatever is sent', async () => {
  for (const path of new Set(operations.map((operation) => operation.path))) {
    const known = operations.filter((operation) => operation.path === path).map(({ method }) => method)
    for (const method of ['PUT', 'OPTIONS', 'DELETE', 'POST'].filter((name) => !known.includes(name))) {
      const answer = await send(concrete(path), {
        method,
        headers: { 'content-type': 'text/plain' },
        ...(method !== 'OPTIONS' && { body: 'x' }),
      })
      assert.equal(answer.status, 405, `${method} ${path}`)
      assert.equal(answer.json.code, 'method_not_allowed')
      for (const name of known) assert.ok(answer.headers.get('allow')?.split(', ').includes(name))
    }
  }
})

test('unknown paths are 404 problems, whatever is sent', async () => {
  for (const [path, options] of [
    ['/nope', {}],
    ['/products/1/nope', { body: '{', headers: { 'content-type': 'text/plain' } }],
    ['/%2e%2e/etc/passwd', {}],
    ['/docs/static/../../package.json', {}],
  ] as const) {
    const answer = await send(shop.url + path, options)
    assert.equal(answer.status, 404, path)
    assert.match(answer.headers.get('content-type') ?? '', /json/)
    assert.equal(answer.headers.get('x-request-id'), answer.json.request_id, path)
  }
})

test('the documents come from this server', async () => {
  assert.equal((await send(`${shop.url}/openapi.json`)).json.openapi, '3.1.0')
  const page = await send(`${shop.url}/docs/`)
  assert.equal(page.status, 200)
  const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '')
  assert.ok(sources.length > 3)
  for (const source of sources) {
    assert.ok(!/^(https?:)?\/\//.test(source), source)
    assert.equal((await send(new URL(source, `${shop.url}/docs/`).href)).status, 200, source)
  }
})

test('GET / says where everything is, and each place answers', async () => {
  const fresh = await openShop()
  try {
    const home = (await send(`${fresh.url}/`)).json
    for (const path of [home.docs, home.openapi, home.health, ...Object.values<string>(home.components)]) {
      const answer = await fetch(fresh.url + path)
      assert.equal(answer.status, 200, path)
      await answer.text()
    }
  } finally {
    await fresh.close()
  }
})
