import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { send, settled } from '../../support/http.ts'
import { startPostgres } from '../../support/servers.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { PATIENCE_MS, until } from '../../support/until.ts'

/** What PostgreSQL says when a connection may be used. */
const READY = Buffer.from('Z\0\0\0\x05I')

/** The statement with which the queue begins to listen; its migrations speak of it too, in comments. */
const LISTEN = /^LISTEN bullmq_/m

/**
 * Stands before a PostgreSQL and treats new connections in its own way that name themselves so: until `open()` it does not
 * answer them, or it keeps from them that they are ready until the server has gone, and then says both at once.
 */
async function relay(target: string, name: string, way: 'silent' | 'late' | 'open') {
  const { port } = new URL(target)
  const sockets = new Set<Socket>()
  const listening = new Set<Socket>()
  let given_up = 0
  let late = 0
  const server = createServer((client) => {
    sockets.add(client.on('error', () => {}).once('close', () => sockets.delete(client) && listening.delete(client)))
    client.once('data', (startup) => {
      const isNamed = startup.includes(name)
      if (way === 'silent' && isNamed) return void client.resume().once('close', () => given_up++)
      const upstream = connect(Number(port), '127.0.0.1').on('error', () => client.destroy())
      upstream.write(startup)
      client.pipe(upstream)
      client.on(
        'data',
        (request: Buffer) => isNamed && LISTEN.test(request.toString('latin1')) && listening.add(client),
      )
      if (way !== 'late' || !isNamed) return void upstream.pipe(client)
      const kept: Buffer[] = []
      upstream.on('data', (chunk: Buffer) => {
        if (kept.length === 0 && !chunk.includes(READY)) return void client.write(chunk)
        if (kept.push(chunk) === 1) late += 1
      })
      upstream.on('end', () => client.end(Buffer.concat(kept)))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(target)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    givenUp: () => given_up,
    late: () => late,
    open: () => (way = 'open'),
    listening: () => listening.size,
    /** Cuts the connections that listen, and keeps from those that come then that they are ready. */
    listenLate() {
      way = 'late'
      for (const client of listening) client.destroy()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

test('a database too slow for the first connections of the queue costs orders for that time, not for ever', async () => {
  const postgres = await startPostgres()
  const slow = await relay(postgres.url, 'shop queue', 'silent')
  const shop = await spawnShop('all', { DATABASE_URL: slow.url })
  try {
    await until(() => slow.givenUp() >= 2)
    const get = (path: string) => fetch(shop.url + path, { signal: AbortSignal.timeout(PATIENCE_MS) })
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

test('a database that dies in the moment in which the queue has connected does not take the shop with it', async () => {
  const postgres = await startPostgres()
  const between = await relay(postgres.url, 'shop queue', 'open')
  const shop = await spawnShop('all', { DATABASE_URL: between.url })
  try {
    const body = { name: 'Ana', email: 'ana@example.com' }
    const customer_id = (await send(`${shop.url}/customers/`, { body })).json.id
    await until(() => between.listening() > 0)
    between.listenLate()
    await until(() => between.late() > 0)
    await postgres.kill()
    between.open()
    await postgres.start()
    await until(() => between.listening() > 0)
    const accepted = await until(async () => {
      const answer = await send(`${shop.url}/orders/`, { body: { customer_id, total: 1 } })
      return answer.status === 202 && answer
    })
    assert.equal((await settled(shop.url, accepted)).status, 'succeeded')
    assert.equal(await shop.end('SIGTERM'), 0)
  } finally {
    await shop.end('SIGKILL')
    between.close()
    await postgres.stop()
  }
})
