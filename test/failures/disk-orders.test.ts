import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runningServer } from '../../src/db/embedded/postmaster.ts'
import { send } from '../../support/http.ts'
import { copyData } from '../../support/servers.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { until } from '../../support/until.ts'
import { noDisk, smallDisk } from '../support/disk.ts'
import { assertLimited, furnish, settings } from '../support/failing-shop.ts'
import { settled } from '../support/order-client.ts'
import { waitingOrders } from '../support/waiting-orders.ts'

test('disk full: reads, status, limiter and health go on, writes are refused, orders at hand wait and spend no attempt', {
  skip: noDisk,
}, async () => {
  const disk = smallDisk()
  const DATA_DIR = join(disk?.folder ?? '', 'data')
  await copyData(DATA_DIR)
  const shop = await spawnShop('all', { ...settings, DATA_DIR, WORKER_CONCURRENCY: '2' })
  const { url } = shop
  try {
    const password = readFileSync(join(DATA_DIR, 'password'), 'utf8').trim()
    const port = runningServer(join(DATA_DIR, 'postgres'))?.port
    const all = await furnish({ url, postgres: { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres` } })
    const orders = await waitingOrders(all, 2)
    disk?.fill()
    const write = () => send(`${url}/products/`, { body: { name: 'x'.repeat(200), price: 1, stock: 1 } })
    /** Sends until it is refused, for want of room in the pages there are. Returns the answers before. */
    const untilRefused = async (work: typeof write) => {
      const answers = []
      for (;;) {
        const answer = await work()
        if (answer.status >= 300) {
          assert.equal(answer.status, 503)
          return answers
        }
        answers.push(answer)
      }
    }
    const written = await untilRefused(write)

    const [list, one, ended] = await Promise.all([
      send(`${url}/products/`),
      send(`${url}/products/${all.product_id}`),
      send(url + all.ended.json.status_url),
    ])
    assert.deepEqual([list.status, list.json.products.length, one.status], [200, 2 + written.length, 200])
    assert.equal((await send(`${url}/products/`)).json.from_cache, true)
    assert.equal(ended.json.status, 'succeeded')
    await assertLimited(url)
    for (const path of ['/health/ready', '/health/live']) assert.equal((await send(url + path)).status, 200)

    await orders.release()
    const waits = /"code":"53100".*the database is away; the order waits/
    await until(() => waits.test(shop.output()))
    for (const { status, json } of await orders.running()) assert.deepEqual([status, json.status], [200, 'running'])
    for (const { status, json } of await orders.queued()) assert.deepEqual([status, json.status], [200, 'queued'])
    const order = () => send(`${url}/orders/`, { body: { customer_id: all.customer_id, total: 1 } })
    const accepted = await untilRefused(order)

    disk?.empty()
    for (const job of await orders.madeOnce()) assert.equal(job.attempts, 1)
    for (const answer of accepted) assert.equal((await settled(url, answer)).status, 'succeeded')
    assert.equal((await write()).status, 201)
    assert.equal(await shop.end('SIGTERM'), 0)
  } finally {
    await shop.end('SIGTERM')
    await disk?.remove()
  }
})
