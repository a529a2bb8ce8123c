import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ConfigError, readConfig } from '../src/config.ts'
import { send } from '../support/http.ts'
import { openShop, type TestShop } from './support/shop.ts'

const page = 'https://shop.example.com'
const preflight = (origin: string, method = 'POST') => ({
  method: 'OPTIONS',
  headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'content-type' },
})
const corsOf = (headers: Headers) => [...headers.keys()].filter((name) => name.startsWith('access-control-'))

describe('CORS', () => {
  let closed: TestShop
  let open: TestShop
  before(async () => {
    const CORS_ORIGINS = `${page}, http://localhost:5173`
    ;[closed, open] = await Promise.all([
      openShop(),
      openShop({ env: { CORS_ORIGINS, RATE_LIMIT: '2/hour', ADMIN_TOKEN: 'sixteen-or-more-letters' } }),
    ])
  })
  after(() => Promise.all([closed.close(), open.close()]))

  test('is off by default: no page of another origin may read, and OPTIONS is a method like another', async () => {
    const answer = await send(`${closed.url}/products/`, { headers: { origin: page } })
    assert.equal(answer.status, 200)
    assert.deepEqual(corsOf(answer.headers), [])
    const asked = await send(`${closed.url}/products/`, preflight(page))
    assert.equal(asked.status, 405)
    assert.deepEqual(corsOf(asked.headers), [])
  })

  test('a page of a named origin may read answers and their headers, refusals too', async () => {
    const read = (headers = {}) => send(`${open.url}/products/`, { headers: { origin: page, ...headers } })
    const answers = [await read(), await read({ 'if-none-match': '*' }), await read()]
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 304, 429],
    )
    assert.equal(answers[1]?.headers.get('x-ratelimit-remaining'), '0')
    const missing = await send(`${open.url}/nothing`, { headers: { origin: page } })
    for (const { headers } of [...answers, missing]) {
      assert.equal(headers.get('access-control-allow-origin'), page)
      assert.match(headers.get('access-control-expose-headers') ?? '', /ETag.*Location.*Retry-After/)
      assert.equal(headers.get('vary'), 'Origin')
      assert.equal(headers.get('access-control-allow-credentials'), null)
    }
  })

  test('its preflights are answered without a token, and are not counted', async () => {
    for (let n = 0; n < 5; n++) {
      const { status, text, headers } = await send(`${open.url}/customers/`, preflight('http://localhost:5173'))
      assert.equal(status, 204)
      assert.equal(text, '')
      assert.equal(headers.get('access-control-allow-origin'), 'http://localhost:5173')
      assert.match(headers.get('access-control-allow-methods') ?? '', /\bPOST\b.*\bPATCH\b.*\bDELETE\b/)
      assert.match(headers.get('access-control-allow-headers') ?? '', /Authorization.*Content-Type.*Idempotency-Key/)
      assert.equal(headers.get('vary'), 'Origin')
    }
    const created = await send(`${open.url}/customers/`, {
      body: { name: 'Ana', email: 'ana@example.com' },
      headers: { origin: 'http://localhost:5173' },
    })
    assert.equal(created.status, 201)
    assert.equal(created.headers.get('access-control-allow-origin'), 'http://localhost:5173')
  })

  test('other origins, also such as look alike, get nothing; a cache is told why answers differ', async () => {
    const others = [
      'https://shop.example.com.evil.test',
      'http://shop.example.com',
      'https://shop.example.com:8443',
      'null',
      '',
    ]
    for (const origin of others) {
      const answer = await send(`${open.url}/health/live`, { headers: { origin } })
      assert.equal(answer.status, 200, origin)
      assert.deepEqual(corsOf(answer.headers), [], origin)
      assert.equal(answer.headers.get('vary'), 'Origin')
      assert.equal((await send(`${open.url}/products/`, preflight(origin))).status, 405, origin)
    }
    assert.equal((await send(`${open.url}/health/live`)).headers.get('vary'), 'Origin')
  })

  test('* is every origin', async () => {
    const shop = await openShop({ env: { CORS_ORIGINS: '*' } })
    const { headers } = await send(`${shop.url}/products/`, { headers: { origin: 'https://anywhere.test' } })
    await shop.close()
    assert.equal(headers.get('access-control-allow-origin'), '*')
    assert.equal(headers.get('vary'), null)
  })

  test('what is no origin stops the start', () => {
    for (const CORS_ORIGINS of [
      'shop.example.com',
      'https://a.test/',
      'https://a.test/path',
      'https://a.test,',
      'null',
      'ftp://a.test',
    ])
      assert.throws(() => readConfig({ CORS_ORIGINS }), ConfigError, CORS_ORIGINS)
    for (const CORS_ORIGINS of ['*', page, `${page},http://localhost:3000`]) readConfig({ CORS_ORIGINS })
  })
})
