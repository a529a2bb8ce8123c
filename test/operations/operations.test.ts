import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { Redis } from 'ioredis'
import pg from 'pg'
import { runningServer } from '../../src/db/embedded/postmaster.ts'
import { type Answer, send } from '../../support/http.ts'
import { copyData, noRedis, type Server, startPostgres, startRedis } from '../../support/servers.ts'
import { type ShopProcess, spawnShop } from '../../support/shop-process.ts'
import { PATIENCE_MS, until } from '../../support/until.ts'
import { readSections } from '../support/markdown.ts'
import { settled } from '../support/order-client.ts'

type Env = Record<string, string>

const blocks = readSections('docs/operations.md').flatMap((section) => section.blocks)
const codeOf = (info: string) => blocks.filter((block) => block.info === info).map(({ code }) => code)

/** Runs the one block of this kind in a shell, as it stands in the document, and returns what it printed. */
async function runBlock(info: string, env: Env): Promise<string> {
  const [code = '', ...others] = codeOf(info)
  assert.ok(code && others.length === 0, `one block is ${info}`)
  const shell = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', code], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    timeout: PATIENCE_MS,
  })
  let output = ''
  for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [status] = await once(shell, 'close')
  assert.equal(status, 0, output)
  return output
}

/** What a shop says that it has. */
async function catalogue(url: string) {
  const { products } = (await send(`${url}/products/`)).json
  return { products, customers: (await send(`${url}/customers/`)).json, orders: (await send(`${url}/orders/`)).json }
}

describe('the commands of docs/operations.md', () => {
  const servers: Server[] = []
  const shops: ShopProcess[] = []
  const open = async (...args: Parameters<typeof spawnShop>) => {
    const shop = await spawnShop(...args)
    shops.push(shop)
    return shop
  }
  after(async () => {
    await Promise.all(shops.map((shop) => shop.end('SIGKILL')))
    await Promise.all(servers.map((server) => server.stop()))
  })

  test('back up a running laptop, lose it, move it into a cluster, restore it', { skip: noRedis }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'operations-'))
    const laptop = { DATA_DIR: join(folder, 'data') }
    await copyData(laptop.DATA_DIR)
    const shop = await open('all', laptop)
    const { id: customer_id } = (
      await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })
    ).json
    const { id: product_id } = (await send(`${shop.url}/products/`, { body: { name: 'Lamp', price: 19.99, stock: 9 } }))
      .json
    const order = () => send(`${shop.url}/orders/`, { body: { customer_id, items: [{ product_id, quantity: 1 }] } })
    await settled(shop.url, await order())

    // Workers take orders up, and none can be finished: they are under way while the backup is made.
    const blocker = await connectEmbedded(laptop.DATA_DIR)
    await blocker.query('begin; lock table orders in exclusive mode')
    const owed: Answer[] = []
    for (let n = 0; n < 15; n++) owed.push(await order())
    const known = await catalogue(shop.url)
    const backup = { ...laptop, BACKUP: join(folder, 'first.backup') }
    assert.match(await runBlock('bash', backup), /^products +1 .*\n(.*\n)*orders under way +15\ndead letters +0$/m)
    await shop.end('SIGKILL')

    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    servers.push(postgres, redis)
    const moved = await runBlock('bash move', {
      ...laptop,
      BACKUP: join(folder, 'second.backup'),
      CLUSTER_DATABASE_URL: postgres.url,
      CLUSTER_REDIS_URL: redis.url,
    })
    assert.match(moved, /every total is equal/)
    const counted = moved.match(/^\w+ +\d+ {2}-?\d+$/gm) ?? []
    assert.equal(counted.length, 12)
    assert.deepEqual(counted.slice(6), counted.slice(0, 6), 'the totals here are those there')
    const cluster = { DATABASE_URL: postgres.url, REDIS_URL: redis.url }
    const api = await open('api', cluster)
    assert.deepEqual(await catalogue(api.url), known)
    await open('worker', cluster)
    assert.deepEqual(await fates(api.url, owed), { succeeded: 8, rejected: 7 })

    assert.match(await runBlock('bash restore', backup), /is empty(.*\n)+.*every total is equal/)
    const restored = await open('all', laptop)
    assert.deepEqual(await fates(restored.url, owed), { succeeded: 8, rejected: 7 })
    await restored.end('SIGTERM')
    rmSync(folder, { recursive: true })
  })

  test('the password of PostgreSQL is rotated under load, and no request fails', { skip: noRedis }, async () => {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    servers.push(postgres, redis)
    const [takeOver = '', close = ''] = codeOf('sql')
    const admin = await connect(postgres.url)
    await admin.query("create role shop login password 'the-old-one'")
    await admin.query('create database shop owner shop')
    const url = (role: string, password: string) => {
      const { host } = new URL(postgres.url)
      return `postgres://${role}:${password}@${host}/shop`
    }
    const old = { DATABASE_URL: url('shop', 'the-old-one'), REDIS_URL: redis.url }
    const before = await open('all', old)
    const customer = (await send(`${before.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })).json
    const order = (to: ShopProcess) => send(`${to.url}/orders/`, { body: { customer_id: customer.id, total: 1 } })

    await admin.query(takeOver)
    const next = await open('all', { ...old, DATABASE_URL: url('shop_b', 'a-new-one') })
    for (const shop of [before, next]) assert.equal((await settled(shop.url, await order(shop))).status, 'succeeded')
    await before.end('SIGTERM')
    await admin.query(close)
    assert.equal((await settled(next.url, await order(next))).status, 'succeeded')
    await assert.rejects(connect(old.DATABASE_URL), /not permitted to log in/)

    // The roles change places again, and what the other made is no obstacle.
    await admin.query("alter role shop login password 'a-third-one'; alter role shop_b nologin")
    const last = await open('all', { ...old, DATABASE_URL: url('shop', 'a-third-one') })
    assert.equal((await settled(last.url, await order(last))).status, 'succeeded')

    // Without the turns: a shop whose password is refused takes orders, and makes them when it is right again.
    await next.end('SIGTERM')
    await admin.query("alter role shop password 'unknown-to-the-shop'")
    await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'shop'")
    const waiting = await order(last)
    assert.equal(waiting.status, 202)
    await until(() => last.output().includes('the database is away; the order waits'))
    await admin.query("alter role shop password 'a-third-one'")
    assert.partialDeepStrictEqual(await settled(last.url, waiting), { status: 'succeeded', attempts: 1 })
    await admin.end()
  })

  test('the password of Redis is rotated under load', { skip: noRedis }, async () => {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    servers.push(postgres, redis)
    const url = (password: string) => redis.url.replace('redis://', `redis://default:${password}@`)
    const [OLD_REDIS_PASSWORD, NEW_REDIS_PASSWORD] = ['the-old-one', 'a-new-one'] as const
    const env = {
      REDIS_URL: url(OLD_REDIS_PASSWORD),
      NEW_REDIS_URL: url(NEW_REDIS_PASSWORD),
      OLD_REDIS_PASSWORD,
      NEW_REDIS_PASSWORD,
    }
    const admin = new Redis(redis.url)
    await admin.config('SET', 'requirepass', OLD_REDIS_PASSWORD)
    admin.disconnect()
    const before = await open('all', { DATABASE_URL: postgres.url, REDIS_URL: env.REDIS_URL })
    const customer = (await send(`${before.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })).json
    const order = (to: ShopProcess) => send(`${to.url}/orders/`, { body: { customer_id: customer.id, total: 1 } })

    await runBlock('bash redis', env)
    const next = await open('all', { DATABASE_URL: postgres.url, REDIS_URL: env.NEW_REDIS_URL })
    for (const shop of [before, next]) assert.equal((await settled(shop.url, await order(shop))).status, 'succeeded')
    await before.end('SIGTERM')
    await runBlock('bash redis-old', env)
    assert.equal((await settled(next.url, await order(next))).status, 'succeeded')
    const late = new Redis(env.REDIS_URL, { lazyConnect: true, retryStrategy: null })
    late.on('error', () => {})
    await assert.rejects(
      late.connect().then(() => late.ping()),
      /WRONGPASS|NOAUTH|closed/,
    )
    late.disconnect()
  })
})

/** How orders ended, counted. */
async function fates(url: string, orders: Answer[]): Promise<Record<string, number>> {
  const statuses = await Promise.all(orders.map(async (order) => (await settled(url, order)).status as string))
  return Object.fromEntries(
    Map.groupBy(statuses, (status) => status)
      .entries()
      .map(([status, all]) => [status, all.length]),
  )
}

async function connectEmbedded(dataDir: string): Promise<pg.Client> {
  const port = runningServer(join(dataDir, 'postgres'))?.port
  const password = readFileSync(join(dataDir, 'password'), 'utf8').trim()
  return connect(`postgres://postgres:${password}@127.0.0.1:${port}/postgres`)
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}
