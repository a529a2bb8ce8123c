import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import { type Role, readConfig } from '../../src/config.ts'
import { type Shop, startShop } from '../../src/shop.ts'
import { type Answer, send } from '../../support/http.ts'
import { noRedis, type Server, silent, startPostgres, startRedis } from '../../support/servers.ts'
import { until } from '../../support/until.ts'
import { settled } from '../support/order-client.ts'

type Env = Record<string, string>

/** Texts that a careless format would change. */
const oddNames = [
  'Ünïcødé — 😀 “q” \\ / \\u0000',
  'line\u2028and paragraph\u2029',
  "'; drop table products; --",
  '{"a":1}',
  '\u200f العربية',
]

function start(script: 'backup' | 'restore', env: Env, ...args: string[]) {
  const file = join(import.meta.dirname, `../../scripts/${script}.ts`)
  const child = spawn(process.execPath, [file, ...args], { env: { PATH: process.env.PATH ?? '', ...env } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return { child, ended: once(child, 'close').then(([status]) => ({ status, output: output.trim() })) }
}
const run = (...args: Parameters<typeof start>) => start(...args).ended

const open = (role: Role, env: Env) =>
  startShop({ config: readConfig({ PORT: '0', DASHBOARD_PORT: '0', RATE_LIMIT: 'off', ...env }), role, log: silent })

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = await connect(url)
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Every row of the shop, by queries that are not the backup's own. */
async function everything(url: string) {
  const tables = ['products', 'customers', 'orders', 'order_items', 'order_jobs', 'idempotency_keys']
  const contents: Record<string, unknown> = {}
  for (const table of tables) contents[table] = await query(url, `select t::text as row from ${table} t order by row`)
  contents.ids = await query(url, "select * from pg_sequences where schemaname = 'public' order by sequencename")
  return contents
}

describe('npm run backup and npm run restore', () => {
  const servers: Server[] = []
  const folder = mkdtempSync(join(tmpdir(), 'backup-'))
  const file = join(folder, 'shop.backup')
  let from: { DATABASE_URL: string }
  let customer_id = 0
  /** Orders that were accepted and not processed when the backup was made, the last of them a dead letter. */
  const owed: Answer[] = []
  let original: Awaited<ReturnType<typeof everything>>

  const emptyPostgres = async () => {
    const server = await startPostgres()
    servers.push(server)
    return server.url
  }
  const order = (url: string, body: object, headers = {}) =>
    send(`${url}/orders/`, { body: { customer_id, ...body }, headers })

  before(async () => {
    from = { DATABASE_URL: await emptyPostgres() }
    const shop = await open('all', { ...from, JOB_ATTEMPTS: '1' })
    owed.push(await fill(shop))
    await shop.close()
    const intake = await open('api', from) // nobody processes
    for (let total = 1; total <= 5; total++) owed.push(await order(intake.urls.api ?? '', { total }))
    await intake.close()
    original = await everything(from.DATABASE_URL)
    const { status, output } = await run('backup', from, file)
    assert.equal(status, 0, output)
    assert.match(output, /^products +5 .*\n(.*\n)*orders under way +5\ndead letters +1$/m)
  })
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()))
    rmSync(folder, { recursive: true })
  })

  /** Odd texts, gaps in ids, orders of every outcome. Returns the dead letter. */
  async function fill({ urls: { api: url = '' } }: Shop): Promise<Answer> {
    const product = async (name: string, price: number) =>
      (await send(`${url}/products/`, { body: { name, price, stock: 10 } })).json.id
    const id = await product('lamp', 9_999_999.99)
    for (const name of oddNames.slice(1)) await product(name, 0.01)
    await send(`${url}/products/${await product('gone', 1)}`, { method: 'DELETE' })
    await send(`${url}/products/${id}`, { method: 'PATCH', body: { name: oddNames[0] } })
    customer_id = (await send(`${url}/customers/`, { body: { name: oddNames[0], email: 'ana@example.com' } })).json.id
    const items = (quantity: number) => ({ items: [{ product_id: id, quantity }] })
    const made = await settled(url, await order(url, items(2), { 'idempotency-key': 'once' }))
    const cancelled = await settled(url, await order(url, items(3)))
    await send(`${url}/orders/${cancelled.order_id}/cancel`, { method: 'POST' })
    const rejected = await settled(url, await order(url, items(1000)))
    assert.deepEqual([made.status, rejected.error.code], ['succeeded', 'out_of_stock'])
    await query(from.DATABASE_URL, 'alter table orders add constraint planted check (total <> 66.6)')
    const dead = await order(url, { total: 66.6 })
    assert.equal((await settled(url, dead)).status, 'failed')
    await query(from.DATABASE_URL, 'alter table orders drop constraint planted')
    return dead
  }

  /** All that was owed is made, once each, and what was known before is known. */
  async function assertKeepsItsPromises(env: Env & { DATABASE_URL: string }): Promise<void> {
    const shop = await open('all', env)
    try {
      const url = shop.urls.api ?? ''
      for (const accepted of owed) {
        await until(async () => (await send(url + accepted.json.status_url)).json.status === 'succeeded')
        const [{ made } = {}] = await query(
          env.DATABASE_URL,
          `select count(*)::int as made from orders where job_id = '${accepted.json.job_id}'`,
        )
        assert.equal(made, 1)
      }
      const again = await order(url, { items: [{ product_id: 1, quantity: 2 }] }, { 'idempotency-key': 'once' })
      assert.equal((await settled(url, again)).order_id, 1, 'the same key is the same order')
      const { products } = (await send(`${url}/products/`)).json
      assert.deepEqual(
        products.map(({ name }: { name: string }) => name),
        oddNames,
      )
      const added = await send(`${url}/products/`, { body: { name: 'new', price: 1, stock: 1 } })
      assert.equal(added.json.id, 7, 'the id of a removed product is not given out again')
    } finally {
      await shop.close()
    }
  }

  test('holds every order of a queue longer than a call may have arguments', async () => {
    const env = { DATABASE_URL: await emptyPostgres() }
    const intake = await open('all', { ...env, WORKER_CONCURRENCY: '1' })
    const url = intake.urls.api ?? ''
    await send(`${url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })
    await settled(url, await send(`${url}/orders/`, { body: { customer_id: 1, total: 1 } }))
    await intake.close()
    await query(
      env.DATABASE_URL,
      `insert into bullmq.job (queue, id, seq, name, state, data, added_at_ms)
      select queue, gen_random_uuid(), seq + n, name, 'waiting', data, added_at_ms
      from bullmq.job, generate_series(1, 150000) n`,
    )
    const { status, output } = await run('backup', env, join(folder, 'long.backup'))
    assert.equal(status, 0, output)
    assert.match(output, /^orders under way +150000$/m)
  })

  test('restores every row and every accepted order into an empty PostgreSQL', async () => {
    const to = { DATABASE_URL: await emptyPostgres() }
    const restored = await run('restore', to, file)
    assert.equal(restored.status, 0, restored.output)
    assert.match(restored.output, /every total is equal/)
    assert.deepEqual(await everything(to.DATABASE_URL), original)
    await assertKeepsItsPromises(to)
  })

  test('moves a shop to PostgreSQL and Redis, where its waiting orders go on', { skip: noRedis }, async () => {
    const redis = await startRedis()
    servers.push(redis)
    const to = { DATABASE_URL: await emptyPostgres(), REDIS_URL: redis.url }
    const restored = await run('restore', to, file)
    assert.equal(restored.status, 0, restored.output)
    assert.deepEqual(await everything(to.DATABASE_URL), original)

    // And on from there: the orders are in Redis now, and a backup finds them.
    const second = join(folder, 'second.backup')
    assert.match((await run('backup', to, second)).output, /^orders under way +6\ndead letters +0$/m)
    await assertKeepsItsPromises(to)
  })

  test('a restore that was killed leaves nothing, and can be run again', async () => {
    const to = { DATABASE_URL: await emptyPostgres() }
    await open('migrate', to).then((shop) => shop.close())
    // Held in the middle: products are in, the last table waits.
    const blocker = await connect(to.DATABASE_URL)
    await blocker.query(`select pg_advisory_lock(1);
      create function planted() returns trigger language plpgsql as 'begin perform pg_advisory_lock(1); return new; end';
      create trigger planted before insert on order_jobs for each row execute function planted()`)
    const { child, ended } = start('restore', to, file)
    await until(async () => {
      const held = await query(to.DATABASE_URL, "select 1 from pg_stat_activity where wait_event = 'advisory'")
      return held.length > 0
    })
    child.kill('SIGKILL')
    await ended
    await blocker.query("select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'advisory'")
    await blocker.query('drop trigger planted on order_jobs')
    await blocker.end()
    assert.deepEqual(await query(to.DATABASE_URL, 'select * from products'), [])

    assert.equal((await run('restore', to, file)).status, 0)
    const again = await run('restore', to, file)
    assert.equal(again.status, 0, again.output)
    assert.match(again.output, /were there already/)
    await assertKeepsItsPromises(to)
    const refused = await run('restore', to, file)
    assert.equal(refused.status, 1)
    assert.match(refused.output, /not empty/)
  })

  test('takes one moment of a shop under load', { skip: noRedis }, async () => {
    const [database, redis, second] = await Promise.all([startPostgres(), startRedis(), startRedis()])
    servers.push(database, redis, second)
    const env = { DATABASE_URL: database.url, REDIS_URL: redis.url }
    const busy = join(folder, 'busy.backup')
    const shop = await open('all', env)
    const url = shop.urls.api ?? ''
    await send(`${url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })
    const accepted: string[] = []
    const stop = new AbortController()
    const client = async () => {
      while (!stop.signal.aborted)
        accepted.push((await send(`${url}/orders/`, { body: { customer_id: 1, total: 1 } })).json.job_id)
    }
    const clients = Promise.all(Array.from({ length: 20 }, client))
    await until(() => accepted.length > 100)
    const promised = [...accepted]
    const backup = await run('backup', env, busy)
    stop.abort()
    await clients
    await shop.close()
    assert.equal(backup.status, 0, backup.output)

    const to = { DATABASE_URL: await emptyPostgres(), REDIS_URL: second.url }
    const restored = await run('restore', to, busy)
    assert.equal(restored.status, 0, restored.output)
    const successor = await open('worker', to)
    try {
      await until(async () => {
        const rows = await query(to.DATABASE_URL, 'select job_id from orders')
        const made = new Set(rows.map(({ job_id }) => job_id))
        return promised.every((job_id) => made.has(job_id))
      })
    } finally {
      await successor.close()
    }
  })

  test('refuses what is damaged, cut short, newer or no backup, and changes nothing', async () => {
    const to = { DATABASE_URL: await emptyPostgres() }
    const text = gunzipSync(readFileSync(file)).toString()
    const faults: [RegExp, Buffer][] = [
      [/damaged/, gzipSync(text.replace('"stock":8', '"stock":9'))],
      [/cut short/, gzipSync(text.slice(0, text.indexOf('"totals"')))],
      [/cannot be read/, readFileSync(file).subarray(0, -20)],
      [/newer shop/, gzipSync(text.replace('0001_shop.sql', '9999_later.sql'))],
      [/a table elsewhere/, gzipSync(text.replace('"products"\n', '"elsewhere"\n'))],
      [/no backup/, gzipSync('{}\n')],
      [/cannot be read/, Buffer.from('text')],
    ]
    for (const [said, bytes] of faults) {
      const bad = join(folder, 'bad.backup')
      writeFileSync(bad, bytes)
      const { status, output } = await run('restore', to, bad)
      assert.equal(status, 1)
      assert.match(output, said)
      assert.ok(!/\n/.test(output), `one line, not ${output}`)
    }
    assert.equal((await run('restore', to, file)).status, 0, 'and the sound one still goes in')
  })

  test('a backup never replaces a file, and leaves no half of one', async () => {
    const { status, output } = await run('backup', from, file)
    assert.equal(status, 1)
    assert.match(output, /is there already/)
    const nowhere = await run('backup', { DATABASE_URL: 'postgres://127.0.0.1:1/shop' }, join(folder, 'half.backup'))
    assert.equal(nowhere.status, 1)
    assert.deepEqual(
      readdirSync(folder).filter((name) => /half|part/.test(name)),
      [],
    )
  })
})
