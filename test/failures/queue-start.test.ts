import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { send, settled } from '../support/http.ts'
import { startPostgres } from '../support/servers.ts'
import { spawnShop } from '../support/shop.ts'
import { until } from '../support/until.ts'

/** Stands before a PostgreSQL and, until `open()`, does not answer the connections that name themselves so. */
async function relay(target: string, silentTo: string) {
  const { port } = new URL(target)
  const sockets = new Set<Socket>()
  let open = false
  let given_up = 0
  const server = createServer((client) => {
    sockets.add(client.on('error', () => {}).once('close', () => sockets.delete(client)))
    client.once('data', (startup) => {
      if (!open && startup.includes(silentTo)) return void client.resume().once('close', () => given_up++)
      const upstream = connect(Number(port), '127.0.0.1').on('error', () => client.destroy())
      upstream.write(startup)
      client.pipe(upstream).pipe(client)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(target)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    givenUp: () => given_up,
    open: () => (open = true),
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

test('a database too slow for the first connections of the queue costs orders for that time, not for ever', async () => {
  const postgres = await startPostgres()
  const slow = await relay(postgres.url, 'shop queue')
  const shop = await spawnShop('all', { DATABASE_URL: slow.url })
  try {
    await until(() => slow.givenUp() >= 2)
    const get = (path: string) => fetch(shop.url + path, { signal: AbortSignal.timeout(3000) })
    assert.equal((await get('/health/live')).status, 200)
    assert.equal((await get('/products/')).status, 200)
    const body = { name: 'Ana', email: 'ana@example.com' }
    const customer_id = (await send(`${shop.url}/customers/`, { body })).json.id
    const order = () => send(`${shop.url}/orders/`, { body: { customer_id, total: 1 } })
    assert.equal((await order()).status, 503)

    slow.open()
    const accepted = await until(async () => {
      const answer = await order()
      return answer.status === 202 && answer
    })
    assert.equal((await settled(shop.url, accepted)).status, 'succeeded')
    assert.equal(await shop.end('SIGTERM'), 0)
  } finally {
    await shop.end('SIGKILL')
    slow.close()
    await postgres.stop()
  }
})
