import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { send } from './support/http.ts'
import { openShop, type TestShop } from './support/shop.ts'

describe('the lab of a shop', () => {
  let shop: TestShop
  before(async () => {
    shop = await openShop({ env: { LAB: 'on', RATE_LIMIT: '1/hour' } })
  })
  after(() => shop.close())

  test('every source that a part names is there to read, and nothing else is', async () => {
    const { json: parts } = await send(`${shop.url}/lab/parts`)
    for (const { part, sources } of parts as { part: string; sources: string[] }[]) {
      for (const source of sources) {
        const { status, text } = await send(`${shop.url}/lab/source/${source}`)
        assert.equal(status, 200, `${part}: ${source}`)
        assert.ok(text.length > 100)
      }
    }
    for (const path of [
      'package.json',
      '.env',
      'src/admin/same-secret.ts',
      '..%2f..%2fetc%2fpasswd',
      'src/lab/../../.env',
    ]) {
      assert.equal((await send(`${shop.url}/lab/source/${path}`)).status, 404, path)
    }
  })

  const foreign: [string, Record<string, string>][] = [
    ['a name that was pointed at this machine', { host: 'shop.example' }],
    ['a page of another origin', { origin: 'https://elsewhere.example' }],
    ['a sandboxed page', { origin: 'null' }],
    ['a page of another port', { origin: 'http://localhost:3000' }],
    ['a picture on another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['a script on another port', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
  ]
  for (const [who, headers] of foreign) {
    test(`it refuses ${who}`, async () => {
      for (const path of ['/lab/parts', '/lab/experiments']) {
        assert.deepEqual(await statusAndCode(shop.url + path, headers), [403, 'lab_forbidden'])
      }
    })
  }

  test('it answers its own page, a program, and a link from elsewhere', async () => {
    const own = { origin: shop.url, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    for (const headers of [own, {}, link]) {
      assert.deepEqual(await statusAndCode(`${shop.url}/lab/parts`, headers), [200, undefined])
    }
  })
})

test('a shop whose database is elsewhere has no lab unless LAB=on', async () => {
  const shop = await openShop()
  try {
    assert.equal((await send(`${shop.url}/lab`)).status, 404)
    assert.equal((await send(`${shop.url}/`)).json.lab, undefined)
  } finally {
    await shop.close()
  }
})

/** `fetch` would not send these headers as they are. */
function statusAndCode(
  url: string,
  headers: Record<string, string>,
): Promise<[number | undefined, string | undefined]> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { headers }, async (answer) => {
      let text = ''
      for await (const chunk of answer) text += chunk
      resolve([answer.statusCode, (JSON.parse(text) as { code?: string }).code])
    })
    outgoing.on('error', reject).end()
  })
}
