import assert from 'node:assert/strict'
import { test } from 'node:test'
import { send } from '../../support/http.ts'
import { startPostgres } from '../../support/servers.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { type Connection, openProxy } from '../../support/tcp-proxy.ts'
import { PATIENCE_MS, until } from '../../support/until.ts'
import { settled } from '../support/order-client.ts'

/** What PostgreSQL says when a connection may be used. */
const READY = Buffer.from('Z\0\0\0\x05I')

/** The statement with which the queue begins to listen; its migrations speak of it too, in comments. */
const LISTEN = /^LISTEN bullmq_/m

/**
 * Stands before a PostgreSQL and treats new connections of the queue in its own way: until `open()` it does not answer
 * them, or it keeps from them that they are ready until the server has gone, and then says both at once.
 */
async function relay(target: string, way: 'silent' | 'late' | 'open') {
  const proxy = await openProxy(target)
  const silent = new Set<Connection>()
  const late = new Set<Connection>()
  const listening = new Set<Connection>()
  const isQueue = ({ hello }: Connection) => hello.includes('shop queue')
  proxy.onHello = (connection) => {
    if (!isQueue(connection) || way === 'open') return
    if (way === 'late') return void late.add(connection)
    connection.mute()
    silent.add(connection)
  }
  proxy.onRequest = (bytes, connection) => {
    if (isQueue(connection) && LISTEN.test(bytes.toString('latin1'))) listening.add(connection)
  }
  let held = 0
  proxy.onAnswer = (bytes, connection) => {
    if (!late.has(connection) || !bytes.includes(READY)) return
    late.delete(connection)
    connection.hold()
    held += 1
  }
  return {
    url: proxy.through(target),
    givenUp: () => [...silent].filter(({ isOpen }) => !isOpen).length,
    held: () => held,
    open: () => (way = 'open'),
    isListening: () => [...listening].some(({ isOpen }) => isOpen),
    /** Cuts the connections that listen, and keeps from those that come then that they are ready. */
    listenLate() {
      way = 'late'
      for (const connection of listening) connection.cut()
    },
    close: proxy.close,
  }
}

test('a database too slow for the first connections of the queue costs orders for that time, not for ever', async () => {
  const postgres = await startPostgres()
  const slow = await relay(postgres.url, 'silent')
  const shop = await spawnShop('all', { REQUEST_TIMEOUT: '5000', DATABASE_URL: slow.url })
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
  const between = await relay(postgres.url, 'open')
  const shop = await spawnShop('all', { DATABASE_URL: between.url })
  try {
    const body = { name: 'Ana', email: 'ana@example.com' }
    const customer_id = (await send(`${shop.url}/customers/`, { body })).json.id
    await until(() => between.isListening())
    between.listenLate()
    await until(() => between.held() > 0)
    await postgres.kill()
    between.open()
    await postgres.start()
    await until(() => between.isListening())
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
