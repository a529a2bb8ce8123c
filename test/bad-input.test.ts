import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { send } from '../support/http.ts'
import { until } from '../support/until.ts'
import { openShop, type TestShop } from './support/shop.ts'

let shop: TestShop
before(async () => {
  shop = await openShop()
  await until(async () => (await send(`${shop.url}/health/ready`)).status === 200)
})
after(() => shop.close())

const lamp = { name: 'Lamp', price: 10, stock: 1 }
const ana = { name: 'Ana', email: 'ana@example.com' }

/** Path, body as JSON text, and the status, code and pointer that must come. */
const bodies: [string, string, number, string, string?][] = [
  ['/products/', '', 400, 'malformed_json'],
  ['/products/', '{', 400, 'malformed_json'],
  ['/products/', '{"name":"x","price":NaN,"stock":1}', 400, 'malformed_json'],
  ['/products/', '{"name":"x","price":1,"stock":1,"__proto__":{"a":1}}', 400, 'malformed_json'],
  ['/products/', '{"name":"x","price":1,"stock":1,"constructor":{"prototype":{}}}', 400, 'malformed_json'],
  ['/products/', 'null', 422, 'invalid_input', ''],
  ['/products/', '[]', 422, 'invalid_input', ''],
  ['/products/', '"x"', 422, 'invalid_input', ''],
  ['/products/', '{}', 422, 'invalid_input', '/name'],
  ['/products/', JSON.stringify({ ...lamp, price: '5' }), 422, 'invalid_input', '/price'],
  ['/products/', JSON.stringify({ ...lamp, stock: '5' }), 422, 'invalid_input', '/stock'],
  ['/products/', JSON.stringify({ ...lamp, stock: 1.5 }), 422, 'invalid_input', '/stock'],
  ['/products/', JSON.stringify({ ...lamp, stock: -1 }), 422, 'invalid_input', '/stock'],
  ['/products/', JSON.stringify({ ...lamp, stock: 2 ** 40 }), 422, 'invalid_input', '/stock'],
  ['/products/', JSON.stringify({ ...lamp, stock: null }), 422, 'invalid_input', '/stock'],
  ['/products/', JSON.stringify({ ...lamp, price: -0.01 }), 422, 'invalid_input', '/price'],
  ['/products/', JSON.stringify({ ...lamp, price: 19.999 }), 422, 'invalid_input', '/price'],
  ['/products/', JSON.stringify({ ...lamp, price: 10_000_000_000 }), 422, 'invalid_input', '/price'],
  ['/products/', '{"name":"x","stock":1,"price":1e400}', 422, 'invalid_input', '/price'],
  ['/products/', JSON.stringify({ ...lamp, colour: 'red' }), 422, 'invalid_input', '/colour'],
  ['/products/', JSON.stringify({ ...lamp, 'a/b~c': 1 }), 422, 'invalid_input', '/a~1b~0c'],
  ['/products/', JSON.stringify({ ...lamp, name: '' }), 422, 'invalid_input', '/name'],
  ['/products/', JSON.stringify({ ...lamp, name: '   ' }), 422, 'invalid_input', '/name'],
  ['/products/', JSON.stringify({ ...lamp, name: 'x'.repeat(201) }), 422, 'invalid_input', '/name'],
  ['/products/', '{"name":"a\\u0000b","price":1,"stock":1}', 422, 'invalid_input', '/name'],
  ['/products/', '{"name":"a\\ud800b","price":1,"stock":1}', 422, 'invalid_input', '/name'],
  ['/products/', `{"name":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 422, 'invalid_input', '/name'],
  ['/products/', `{"name":"${'x'.repeat(1_000_000)}"}`, 413, 'body_too_large'],
  ['/products/', '['.repeat(100_000), 413, 'body_too_large'],
  ['/customers/', JSON.stringify({ ...ana, email: 'ana' }), 422, 'invalid_input', '/email'],
  ['/customers/', JSON.stringify({ ...ana, email: 'a@b@c' }), 422, 'invalid_input', '/email'],
  ['/customers/', JSON.stringify({ ...ana, email: `${'a'.repeat(250)}@b.cd` }), 422, 'invalid_input', '/email'],
  ['/customers/', JSON.stringify({ ...ana, email: 'ana@example.com\u0000' }), 422, 'invalid_input', '/email'],
  ['/orders/', JSON.stringify({ customer_id: 1 }), 422, 'invalid_input', ''],
  ['/orders/', JSON.stringify({ customer_id: 0, total: 1 }), 422, 'invalid_input', '/customer_id'],
  ['/orders/', JSON.stringify({ customer_id: 2 ** 31, total: 1 }), 422, 'invalid_input', '/customer_id'],
  ['/orders/', '{"customer_id":9223372036854775808,"total":1}', 422, 'invalid_input', '/customer_id'],
  ['/orders/', JSON.stringify({ customer_id: 1, items: [] }), 422, 'invalid_input', '/items'],
  [
    '/orders/',
    JSON.stringify({ customer_id: 1, items: [{ product_id: 1, quantity: 0 }] }),
    422,
    'invalid_input',
    '/items/0/quantity',
  ],
  [
    '/orders/',
    JSON.stringify({
      customer_id: 1,
      items: Array.from({ length: 101 }, (_, n) => ({ product_id: n + 1, quantity: 1 })),
    }),
    422,
    'invalid_input',
    '/items',
  ],
  [
    '/orders/',
    JSON.stringify({
      customer_id: 1,
      items: [
        { product_id: 1, quantity: 1 },
        { product_id: 1, quantity: 2 },
      ],
    }),
    422,
    'duplicate_product',
    '/items/1/product_id',
  ],
]

for (const [path, body, status, code, pointer] of bodies) {
  test(`POST ${path} ${body.slice(0, 60)} → ${status}`, async () => {
    const answer = await send(shop.url + path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    assert.equal(answer.status, status)
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
    assert.equal(answer.json.code, code)
    assert.equal(typeof answer.json.detail, 'string')
    assert.equal(answer.json.request_id, answer.headers.get('x-request-id'))
    if (pointer !== undefined)
      assert.ok(
        answer.json.errors.some((error: { pointer: string }) => error.pointer === pointer),
        answer.text,
      )
    assert.equal((await send(`${shop.url}/health/ready`)).status, 200)
  })
}

test('other media types are 415, also without a body', async () => {
  for (const type of [
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ]) {
    const answer = await send(`${shop.url}/products/`, {
      body: JSON.stringify(lamp),
      headers: { 'content-type': type },
    })
    assert.equal(answer.status, 415, type)
    assert.equal(answer.json.code, 'unsupported_media_type')
  }
})

test('ids and queries that cannot be are 422, ids that nothing has 404', async () => {
  for (const path of ['abc', '1.5', '0', '-1', '2147483648', '9223372036854775808', '1e3', "1'--", '%00', 'NaN']) {
    assert.equal((await send(`${shop.url}/products/${path}`)).status, 422, path)
  }
  for (const query of ['limit=0', 'limit=101', 'limit=x', 'after=-1', 'limit=1&limit=2', 'nope=1', 'limit=']) {
    const answer = await send(`${shop.url}/orders/?${query}`)
    assert.equal(answer.status, 422, query)
    assert.equal(answer.json.code, 'invalid_input')
  }
  assert.equal((await send(`${shop.url}/orders/2147483647`)).status, 404)
  assert.equal((await send(`${shop.url}/orders/jobs/5d1a2f6e-94f5-8e0c-af4b-0f5f5e3f9f01`)).json.code, 'job_not_found')
  assert.equal((await send(`${shop.url}/orders/jobs/nope`)).status, 422)
})

test('SQL in every string is a string', async () => {
  const name = `Robert'); drop table products; --`
  const created = await send(`${shop.url}/products/`, { body: { ...lamp, name } })
  assert.equal(created.json.name, name)
  assert.equal((await send(`${shop.url}/products/${created.json.id}`)).json.name, name)
  const customer = await send(`${shop.url}/customers/`, { body: { name, email: "o'brien@example.com" } })
  assert.equal(customer.status, 201)
})

test('text of any language comes back as it was sent', async () => {
  for (const name of ['Ñandú €', '日本語', '😀 smile', 'e\u0301', ' leading space']) {
    const created = await send(`${shop.url}/products/`, { body: { ...lamp, name } })
    assert.equal(created.json.name, name)
  }
})

test('money is exact: 19.99, and 0.1 + 0.2 is 0.3', async () => {
  for (const [price, kept] of [
    [19.99, 19.99],
    [0.1 + 0.2, 0.3],
    [9_999_999_999.99, 9_999_999_999.99],
    [1e2, 100],
  ]) {
    assert.equal((await send(`${shop.url}/products/`, { body: { ...lamp, price } })).json.price, kept)
  }
})

test('an Idempotency-Key that is empty or too long is 422', async () => {
  for (const key of ['', '""', 'k'.repeat(256)]) {
    const answer = await send(`${shop.url}/orders/`, {
      body: { customer_id: 1, total: 1 },
      headers: { 'idempotency-key': key },
    })
    assert.equal(answer.status, 422, key)
  }
})

test('what is not HTTP is answered 400 and closed, and the shop goes on', async () => {
  const { port } = new URL(shop.url)
  for (const garbage of [
    '\x16\x03\x01\x02\x00\x01',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    `GET / HTTP/1.1\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`,
  ]) {
    const answer = await new Promise<string>((resolve, reject) => {
      let text = ''
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(garbage))
      socket
        .on('data', (chunk) => (text += chunk))
        .on('close', () => resolve(text))
        .on('error', reject)
    })
    assert.match(answer, /^HTTP\/1\.1 4\d\d /, garbage.slice(0, 30))
  }
  assert.equal((await send(`${shop.url}/health`)).status, 200)
})
