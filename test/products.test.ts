import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { type Answer, send } from '../support/http.ts'
import { noRedis } from '../support/servers.ts'
import { settled } from './support/order-client.ts'
import { openShop, type TestShop } from './support/shop.ts'

for (const redis of [false, true]) {
  describe(`products, cache in ${redis ? 'Redis' : 'memory'}`, { skip: redis && noRedis }, () => {
    let shop: TestShop
    before(async () => {
      shop = await openShop({ redis })
    })
    after(() => shop.close())

    const create = async (name: string, price = 1200, stock = 5) =>
      (await send(`${shop.url}/products/`, { body: { name, price, stock } })).json

    test('POST /products/ answers 201 with Location and the product', async () => {
      const began = Date.now()
      const answer = await send(`${shop.url}/products/`, { body: { name: 'Laptop', price: 1200.5, stock: 5 } })
      assert.equal(answer.status, 201)
      const { id, created_at, updated_at, ...rest } = answer.json
      assert.deepEqual(rest, { name: 'Laptop', price: 1200.5, stock: 5 })
      assert.ok(Number.isInteger(id))
      assert.ok(Date.parse(created_at) >= began && Date.parse(created_at) <= Date.now(), created_at)
      assert.equal(updated_at, created_at)
      assert.equal(answer.headers.get('location'), `/products/${id}`)
      assert.deepEqual((await send(shop.url + answer.headers.get('location'))).json, answer.json)
    })

    test('with and without a trailing slash the list is the same, without a redirect', async () => {
      for (const path of ['/products', '/products/']) assert.equal((await send(shop.url + path)).status, 200)
    })

    test('the list comes from the cache until a write: created, changed, removed', async () => {
      const list = async () => (await send(`${shop.url}/products/`)).json
      const { id } = await create('Chair')
      assert.equal((await list()).from_cache, false)
      const again = await list()
      assert.equal(again.from_cache, true)
      assert.ok(again.products.some((product: { id: number }) => product.id === id))

      await send(`${shop.url}/products/${id}`, { method: 'PATCH', body: { price: 9.99 } })
      const changed = await list()
      assert.equal(changed.from_cache, false)
      assert.equal(changed.products.find((product: { id: number }) => product.id === id).price, 9.99)

      await list()
      const answer = await send(`${shop.url}/products/${id}`, { method: 'DELETE' })
      assert.deepEqual([answer.status, answer.headers.get('content-length')], [204, null])
      const removed = await list()
      assert.equal(removed.from_cache, false)
      assert.ok(!removed.products.some((product: { id: number }) => product.id === id))
    })

    test('the headers of a read say what the cache did, and an unchanged list is 304', async () => {
      await create('Desk')
      const miss = await send(`${shop.url}/products/`)
      assert.equal(miss.headers.get('cache-status'), 'products; fwd=miss; stored')
      const hit = await send(`${shop.url}/products/`)
      assert.match(hit.headers.get('cache-status') ?? '', /^products; hit; ttl=([1-5]?[0-9]|60)$/)
      assert.equal(hit.headers.get('cache-control'), 'no-cache')
      assert.match(hit.headers.get('server-timing') ?? '', /^cache;dur=[\d.]+, db;dur=[\d.]+$/)
      const etag = hit.headers.get('etag') ?? ''
      assert.equal(etag, miss.headers.get('etag'))
      assert.match(etag, /^W\//, 'answers with this tag differ in what they say of the cache')
      for (const tag of [etag, etag.replace('W/', ''), `"other", ${etag}`, '*']) {
        const same = await send(`${shop.url}/products/`, { headers: { 'if-none-match': tag } })
        assert.equal(same.status, 304, tag)
        assert.equal(same.text, '')
        assert.equal(same.headers.get('content-length'), null, 'a length would be that of the full answer')
        for (const name of ['etag', 'cache-control']) assert.equal(same.headers.get(name), hit.headers.get(name), name)
        assert.match(same.headers.get('cache-status') ?? '', /^products; hit/)
        assert.match(same.headers.get('server-timing') ?? '', /^cache;dur=/)
        assert.match(same.headers.get('x-request-id') ?? '', /./)
      }
      await create('Desk 2')
      assert.equal((await send(`${shop.url}/products/`, { headers: { 'if-none-match': etag } })).status, 200)
    })

    test('GET /cache shows key, seconds left and value, and says when it is empty', async () => {
      await create('Shelf')
      const empty = await send(`${shop.url}/cache`)
      assert.deepEqual(empty.json.entries, [])
      assert.equal(empty.json.message, 'The cache is empty.')
      const list = await send(`${shop.url}/products/`)
      const { entries } = (await send(`${shop.url}/cache`)).json
      assert.equal(entries.length, 1)
      assert.equal(entries[0].key, 'products:all')
      assert.ok(entries[0].ttl > 0 && entries[0].ttl <= 60)
      assert.deepEqual(entries[0].value.products, list.json.products)
    })

    test('pages follow one another by Link, in the order of ids', async () => {
      for (let n = 0; n < 5; n++) await create(`Page ${n}`)
      const all: number[] = (await send(`${shop.url}/products/`)).json.products.map(({ id }: { id: number }) => id)
      const seen: number[] = []
      for (let path: string | undefined = '/products/?limit=2'; path; ) {
        const page: Answer = await send(shop.url + path)
        assert.equal(page.json.from_cache, false)
        seen.push(...page.json.products.map(({ id }: { id: number }) => id))
        path = /<(.*)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1]
      }
      assert.deepEqual(seen, all)
    })

    test('a page without `limit` has 100 at most and leads to the next', async () => {
      for (let n = 0; n < 102; n++) await create(`Many ${n}`)
      const first = await send(`${shop.url}/products/?after=0`)
      assert.equal(first.json.products.length, 100)
      const link = `/products/?limit=100&after=${first.json.products[99].id}`
      assert.equal(first.headers.get('link'), `<${link}>; rel="next"`)
      const rest = await send(shop.url + link)
      assert.ok(rest.json.products.length >= 2)
      assert.equal(rest.headers.get('link'), null)
    })

    test('If-Match: * asks only that the product is there, and of several ETags one has to be its own', async () => {
      const { id } = await create('Any')
      const change = (method: string, tag: string, product = id) =>
        send(`${shop.url}/products/${product}`, {
          method,
          headers: { 'if-match': tag },
          ...(method === 'PATCH' && { body: { stock: 7 } }),
        })
      const all = await Promise.all(Array.from({ length: 10 }, () => change('PATCH', '*')))
      assert.deepEqual(
        all.map(({ status }) => status),
        Array(10).fill(200),
      )
      const etag = (await send(`${shop.url}/products/${id}`)).headers.get('etag') ?? ''
      assert.equal((await change('PATCH', `"other", ${etag}, "${id}-99"`)).status, 200)
      const [, version] = /-(\d+)"/.exec(etag) ?? []
      for (const wrong of [etag, `W/${etag}`, '"x"', `"${version}"`, `"${id + 1}-${version}"`, ''])
        assert.equal((await change('PATCH', wrong)).status, 412, wrong)
      for (const method of ['PATCH', 'DELETE'])
        assert.equal((await change(method, '*', 2_147_483_647)).json.code, 'product_not_found')
      assert.equal((await change('DELETE', etag)).status, 412)
      assert.equal((await change('DELETE', '*')).status, 204)
    })

    test('an ETag of something else names no version, not version 0', async () => {
      const { id } = await create('New')
      const sql = new pg.Client({ connectionString: shop.postgres.url })
      await sql.connect()
      await sql.query('update products set version = 0 where id = $1', [id])
      await sql.end()
      const change = (tag: string) =>
        send(`${shop.url}/products/${id}`, { method: 'PATCH', body: { stock: 7 }, headers: { 'if-match': tag } })
      assert.equal((await change('"somebody-else"')).status, 412)
      assert.equal((await change(`"${id}-0"`)).status, 200)
    })

    test('what carries the strong tag of one product is not to be compressed on its way', async () => {
      const created = await send(`${shop.url}/products/`, { body: { name: 'Vase', price: 1, stock: 1 } })
      const path = `${shop.url}/products/${created.json.id}`
      const etag = created.headers.get('etag') ?? ''
      const same = await send(path, { headers: { 'if-none-match': etag } })
      assert.equal(same.status, 304)
      const changed = await send(path, { method: 'PATCH', body: { stock: 2 }, headers: { 'if-match': etag } })
      assert.equal(changed.status, 200)
      for (const { headers } of [created, await send(path), same, changed]) {
        assert.match(headers.get('etag') ?? '', /^"\d+-\d+"$/)
        assert.equal(headers.get('cache-control'), 'no-cache, no-transform')
      }
    })

    test('of two changes that read the same ETag one gets 412', async () => {
      const { id } = await create('Rare')
      const etag = (await send(`${shop.url}/products/${id}`)).headers.get('etag') ?? ''
      const change = (price: number) =>
        send(`${shop.url}/products/${id}`, { method: 'PATCH', body: { price }, headers: { 'if-match': etag } })
      const answers = await Promise.all([1, 2, 3, 4, 5].map(change))
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412, 412, 412])
      const winner = answers.find(({ status }) => status === 200)
      assert.deepEqual((await send(`${shop.url}/products/${id}`)).json, winner?.json)
      assert.equal(
        (await send(`${shop.url}/products/${id}`, { method: 'DELETE', headers: { 'if-match': etag } })).status,
        412,
      )
    })

    test('a product that is part of an order stays: 409', async () => {
      const { id } = await create('Sold')
      const customer = await send(`${shop.url}/customers/`, { body: { name: 'Bo', email: `bo${id}@example.com` } })
      const body = { customer_id: customer.json.id, items: [{ product_id: id, quantity: 1 }] }
      const job = await settled(shop.url, await send(`${shop.url}/orders/`, { body }))
      assert.equal(job.status, 'succeeded')
      const refused = await send(`${shop.url}/products/${id}`, { method: 'DELETE' })
      assert.equal(refused.status, 409)
      assert.equal(refused.json.code, 'product_in_use')
      assert.equal(
        (await send(`${shop.url}/customers/${customer.json.id}`, { method: 'DELETE' })).json.code,
        'customer_in_use',
      )
    })

    test('unknown ids are 404 problems', async () => {
      for (const options of [{}, { method: 'PATCH', body: { stock: 1 } }, { method: 'DELETE' }]) {
        const answer = await send(`${shop.url}/products/2147483647`, options)
        assert.equal(answer.status, 404)
        assert.equal(answer.json.code, 'product_not_found')
      }
    })
  })
}
