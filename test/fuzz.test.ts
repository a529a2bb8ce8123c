import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { send } from '../support/http.ts'
import { until } from '../support/until.ts'
import { openShop, type TestShop } from './support/shop.ts'

interface Schema {
  type?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  enum?: unknown[]
  minimum?: number
  maximum?: number
}
interface Operation {
  method: string
  path: string
  parameters?: { name: string; in: 'path' | 'query' | 'header'; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, unknown>
}

let shop: TestShop
before(async () => {
  shop = await openShop({ env: { QUEUE_MAX_PENDING: '1000000' } })
  await until(async () => (await send(`${shop.url}/health/ready`)).status === 200)
})
after(() => shop.close())

const nasty = fc.constantFrom<unknown>(
  '',
  ' ',
  '\u0000',
  '\ud800',
  "' or 1=1 --",
  '../../x',
  '__proto__',
  'x'.repeat(300),
  0,
  -1,
  0.001,
  1e308,
  2 ** 53,
  null,
  true,
  [],
  {},
  [[]],
)

/** Mostly what the schema asks for, sometimes anything at all. */
function valueFor(schema: Schema): fc.Arbitrary<unknown> {
  const proper = properFor(schema)
  return fc.oneof(
    { weight: 30, arbitrary: proper },
    { weight: 1, arbitrary: nasty },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  )
}

function properFor({
  type,
  properties = {},
  required = [],
  items,
  anyOf,
  enum: values,
  minimum = 0,
  maximum = 1000,
}: Schema): fc.Arbitrary<unknown> {
  if (anyOf) return fc.oneof(...anyOf.map(properFor))
  if (values) return fc.constantFrom(...values)
  if (type === 'integer') return fc.integer({ min: Math.max(minimum, 1), max: Math.min(maximum, 50) })
  if (type === 'number') return fc.integer({ min: 0, max: 100_000 }).map((cents) => cents / 100)
  if (type === 'array') return fc.array(valueFor(items ?? {}), { minLength: 1, maxLength: 5 })
  if (type !== 'object') return fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.emailAddress(), fc.uuid())
  const fields = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, valueFor(field)])),
    { requiredKeys: required },
  )
  return fc
    .tuple(fields, seldom(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 1 })))
    .map(([own, extra]) => ({ ...own, ...extra }))
}

/** Once in ten times, else nothing. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

/** A header value that HTTP can carry at all: fetch refuses the others before they are sent. */
const headerText = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 60,
})

function requestFor({ method, path, parameters = [], requestBody }: Operation) {
  const named = (where: string) => parameters.filter((parameter) => parameter.in === where)
  const record = (where: string, arbitrary: (schema: Schema) => fc.Arbitrary<unknown>, requiredKeys: string[]) =>
    fc.record(Object.fromEntries(named(where).map(({ name, schema }) => [name, arbitrary(schema)])), { requiredKeys })
  const schema = requestBody?.content['application/json']?.schema
  return fc.record({
    method: fc.constant(method),
    path: record(
      'path',
      valueFor,
      named('path').map(({ name }) => name),
    ).map((values) => path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(text(values[name])) || '%20')),
    query: record('query', valueFor, []).map((values) =>
      new URLSearchParams(Object.entries(values).map(([name, value]) => [name, text(value)])).toString(),
    ),
    headers: record('header', () => headerText, []),
    body: schema ? valueFor(schema) : fc.constant(undefined),
  })
}

/** As text that can be in a URL: lone surrogates cannot. */
const text = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed()

test('2,500 generated requests find no 5xx, no hang, and no undocumented status', async () => {
  const { paths } = (await send(`${shop.url}/openapi.json`)).json as {
    paths: Record<string, Record<string, Operation>>
  }
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  )
  const any = fc
    .constantFrom(...operations)
    .chain((operation) => requestFor(operation).map((request) => ({ operation, request })))
  const seen = new Map<number, number>()
  await fc.assert(
    fc.asyncProperty(any, async ({ operation, request }) => {
      const { method, path, query, headers, body } = request
      const answer = await send(`${shop.url}${path}${query && `?${query}`}`, {
        method,
        headers: headers as Record<string, string>,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1)
      // A machine that is busy with something else may keep the database from answering a probe in time.
      assert.ok(answer.status < 500 || path.startsWith('/health'), `${answer.status}: ${answer.text}`)
      assert.ok(
        String(answer.status) in operation.responses,
        `${method} ${path} answers ${answer.status}, which is not documented`,
      )
      if (answer.status >= 400) assert.equal(answer.json.status, answer.status)
    }),
    { numRuns: 2500, endOnFailure: false },
  )
  // A fuzz test that only ever gets 422 tests one line.
  for (const status of [200, 201, 202, 404, 422])
    assert.ok((seen.get(status) ?? 0) > 10, `${status}: ${seen.get(status)}`)
  await until(async () => (await send(`${shop.url}/health/ready`)).status === 200)
})
