import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { send } from '../support/http.ts'
import { openShop, type TestShop } from './support/shop.ts'

let shop: TestShop
before(async () => {
  shop = await openShop()
})
after(() => shop.close())

const create = (email: string, name = 'Ana') => send(`${shop.url}/customers/`, { body: { name, email } })

test('a customer is created, read, changed and removed', async () => {
  const created = await create('ana@example.com')
  assert.equal(created.status, 201)
  const url = shop.url + created.headers.get('location')
  assert.deepEqual((await send(url)).json, created.json)
  const changed = await send(url, { method: 'PATCH', body: { name: 'Ana María' } })
  assert.equal(changed.json.name, 'Ana María')
  assert.equal(changed.json.email, 'ana@example.com')
  assert.ok(changed.json.updated_at > created.json.updated_at)
  assert.equal((await send(url, { method: 'DELETE' })).status, 204)
  assert.equal((await send(url)).status, 404)
  assert.equal((await send(url, { method: 'DELETE' })).json.code, 'customer_not_found')
})

test('an e-mail is taken without regard to case, also when twenty ask at once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => create(n % 2 ? 'Bo@Example.com' : 'bO@eXample.COM')),
  )
  assert.equal(answers.filter(({ status }) => status === 201).length, 1)
  assert.equal(answers.filter(({ status, json }) => status === 409 && json.code === 'email_taken').length, 19)
  const other = await create('cy@example.com')
  const stolen = await send(shop.url + other.headers.get('location'), {
    method: 'PATCH',
    body: { email: 'BO@example.com' },
  })
  assert.equal(stolen.status, 409)
})

test('GET /customers/ is an array of the newest 100, or pages with Link', async () => {
  for (let n = 0; n < 103; n++) assert.equal((await create(`c${n}@example.com`)).status, 201)
  const newest = (await send(`${shop.url}/customers/`)).json
  assert.equal(newest.length, 100)
  assert.equal(newest.at(-1).email, 'c102@example.com')
  assert.equal(newest[0].email, 'c3@example.com')
  const page = await send(`${shop.url}/customers/?limit=100`)
  assert.equal(page.json.length, 100)
  const rest = await send(shop.url + /<(.*)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1])
  assert.ok(rest.json.length > 0 && rest.json[0].id > page.json.at(-1).id)
  assert.equal(rest.headers.get('link'), null)
})
