import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { send } from '../support/http.ts'
import { openShop, type TestShop } from './support/shop.ts'

describe('what a connection may ask of the shop', { concurrency: true }, () => {
  let shop: TestShop
  before(async () => {
    shop = await openShop({ env: { REQUEST_TIMEOUT: '5000' } })
  })
  after(() => shop.close())

  /** Sends text, then more of it every 200 ms for as long as it is let; resolves with the answer when it is hung up on. */
  async function talk(text: string, more = '') {
    const began = performance.now()
    const socket = connect(Number(new URL(shop.url).port), '127.0.0.1')
    socket.on('error', () => {})
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk))
    if (text) socket.write(text)
    // After what has come is read: to write to a connection that is hung up on loses it.
    const drip = () => setImmediate(() => socket.write(more))
    const dripping = more ? setInterval(drip, 200) : undefined
    await new Promise((resolve) => socket.once('close', resolve))
    clearInterval(dripping)
    return { answer, ms: performance.now() - began }
  }
  const assertProblem = (answer: string, status: number, code: string) => {
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `))
    assert.match(head, /^content-type: application\/problem\+json$/m)
    assert.match(head, /^connection: close$/im)
    assert.partialDeepStrictEqual(JSON.parse(body), { status, code })
    assert.equal(JSON.parse(body).request_id, /x-request-id: (.*)/.exec(head)?.[1]?.trim())
  }

  test('headers of 7 KB are read, of 10 KB they are 431', async () => {
    const answer = await send(`${shop.url}/health/live`, { headers: { 'x-large': 'x'.repeat(7000) } })
    assert.equal(answer.status, 200)
    const refused = await talk(`GET /health/live HTTP/1.1\r\nhost: x\r\nx-large: ${'x'.repeat(10_000)}\r\n\r\n`)
    assertProblem(refused.answer, 431, 'headers_too_large')
  })

  test('what is no HTTP is 400', async () => {
    assertProblem((await talk('HELO shop\r\n\r\n')).answer, 400, 'malformed_request')
    const smuggled =
      'POST /products/ HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'
    assertProblem((await talk(smuggled)).answer, 400, 'malformed_request')
  })

  test('headers that drip in (slowloris) are cut off after ten seconds, however steadily they come', async () => {
    const { answer, ms } = await talk('GET /health/live HTTP/1.1\r\nhost: x\r\n', 'x-more: 1\r\n')
    assertProblem(answer, 408, 'request_timeout')
    assert.ok(ms > 9500, `${ms} ms`)
  })

  test('a body that drips in is cut off after REQUEST_TIMEOUT', async () => {
    const head =
      'POST /products/ HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n{'
    const { answer, ms } = await talk(head, ' ')
    assertProblem(answer, 408, 'request_timeout')
    assert.ok(ms > 4500, `${ms} ms`)
  })

  test('a connection that says nothing is closed without a word', async () => {
    const { answer, ms } = await talk('')
    assert.equal(answer, '')
    assert.ok(ms > 9500, `${ms} ms`)
  })

  test('every answer tells browsers what not to do with it', async () => {
    for (const path of ['/products/', '/nothing', '/health/ready', '/openapi.json', '/metrics']) {
      const { headers } = await send(shop.url + path)
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
      assert.equal(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'", path)
      assert.equal(headers.get('x-frame-options'), 'DENY', path)
      assert.equal(headers.get('referrer-policy'), 'no-referrer', path)
      assert.equal(headers.get('strict-transport-security'), null, 'where TLS ends is not known here')
      assert.equal(headers.get('x-powered-by') ?? headers.get('server'), null)
    }
  })

  test('/docs may load its own files and nothing else', async () => {
    const { headers } = await send(`${shop.url}/docs/`)
    assert.match(headers.get('content-security-policy') ?? '', /^default-src 'self'; .*frame-ancestors 'none'/)
    assert.doesNotMatch(headers.get('content-security-policy') ?? '', /https?:|unsafe-eval|upgrade-insecure/)
    assert.equal(headers.get('x-frame-options'), 'DENY')
  })
})
