import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { quantileMs } from '../../lab/live/counts.ts'
import type { PartEvent, Snapshot } from '../../lab/protocol/live-schema.ts'
import type { Run } from '../../lab/protocol/run-schema.ts'
import { send } from '../../support/http.ts'
import { startPostgres } from '../../support/servers.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { until } from '../../support/until.ts'
import { listen } from '../support/events.ts'
import { spawnLab } from '../support/lab.ts'
import { settled } from '../support/order-client.ts'
import { descendants, isAlive } from '../support/processes.ts'
import { openShop, type TestShop } from '../support/shop.ts'

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
      'src/http/same-secret.ts',
      '..%2f..%2fetc%2fpasswd',
      'lab/../../.env',
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

test('percentiles are estimated within a bucket, and are none without values', () => {
  const times = (...counts: [number, number][]) => ({ buckets: counts, sum: 0, count: counts.at(-1)?.[1] ?? 0 })
  assert.equal(quantileMs(times([0.1, 10], [0.2, 20], [Number.POSITIVE_INFINITY, 20]), 0.5), 100)
  assert.equal(quantileMs(times([0.1, 10], [0.2, 20], [Number.POSITIVE_INFINITY, 20]), 0.75), 150)
  assert.equal(quantileMs(times([0.1, 0], [0.2, 0], [Number.POSITIVE_INFINITY, 4]), 0.5), 200)
  assert.equal(quantileMs(times([0.1, 0], [Number.POSITIVE_INFINITY, 0]), 0.5), null)
})

describe('the live feed', () => {
  let shop: TestShop
  before(async () => {
    shop = await openShop({ env: { LAB: 'on', RATE_LIMIT: '2/hour', DRAIN_TIMEOUT: '600000' } })
  })
  after(() => shop.close())

  test('tells what the shop has counted, and what its parts did', async () => {
    const feed = await listen(`${shop.url}/lab/live`)
    const last = () => feed.events.findLast(({ name }) => name === 'snapshot')?.data as Snapshot
    await until(last)
    for (let n = 0; n < 3; n++) await send(`${shop.url}/products/`)
    await settled(shop.url, await send(`${shop.url}/orders/`, { body: { customer_id: 1, total: 5 } }))
    await until(() => last().workers[0]?.jobs === 1 && last().client.requests === 5 && last().cache.ttl_ms !== null)
    const { client, limiter, cache, workers, database, health, api } = last()
    assert.deepEqual(limiter, { allowed: 4, denied: 1, fallback: 0 })
    assert.deepEqual([cache.hit, cache.stored], [1, 1])
    assert.ok(cache.ttl_ms !== null && cache.ttl_ms > 0 && cache.ttl_ms <= 60_000)
    assert.equal(client.requests, 5)
    assert.equal(api[0]?.requests, 5)
    assert.ok((api[0]?.p99_ms ?? 0) > 0)
    assert.equal(workers[0]?.rejected, 1)
    assert.ok(database.queries > 2)
    assert.equal(health.status, 'ok')
    const texts = feed.events.flatMap(({ name, data }) => (name === 'event' ? [data as PartEvent] : []))
    for (const part of ['api', 'limiter', 'cache', 'worker', 'database']) {
      assert.ok(
        texts.some((event) => event.part === part && event.text.en && event.text.es),
        part,
      )
    }
    feed.end()
    const late = await listen(`${shop.url}/lab/live`)
    await until(() => late.events.some(({ name }) => name === 'event'))
    late.end()
  })

  test('has a bounded number of watchers, and ends with the shop', async () => {
    const feeds = []
    for (let n = 0; n < 16; n++) feeds.push(await until(() => listen(`${shop.url}/lab/live`)))
    const { status, json } = await send(`${shop.url}/lab/live`)
    assert.deepEqual([status, json.code], [503, 'too_many_streams'])
    feeds.pop()?.end()
    const again = await until(() => listen(`${shop.url}/lab/live`))
    let isClosed = false
    void shop.close().then(() => (isClosed = true))
    await until(() => isClosed) // long before DRAIN_TIMEOUT is over
    await again.ended
  })
})

test('a shop whose database is elsewhere has no lab unless LAB=on', async () => {
  const { url, stop } = await startPostgres()
  const shop = await spawnShop('all', { DATABASE_URL: url }, 'lab/start.ts')
  try {
    assert.equal((await send(`${shop.url}/lab`)).status, 404)
    assert.equal((await send(`${shop.url}/`)).json.lab, undefined)
  } finally {
    await shop.end('SIGTERM')
    await stop()
  }
})

describe('npm run lab', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-test-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const newFolder = () => mkdtempSync(join(folder, 'run-'))

  test('runs an experiment without a browser, prints it as JSON, and leaves nothing behind', async () => {
    const temporary = newFolder()
    const run = spawnLab(['--experiment', 'oversell', '--set', 'buyers=20', '--set', 'stock=5', '--json'], temporary)
    const [code] = await run.ended
    assert.equal(code, 0, run.output.err + run.output.out)
    const { state, settings, variants, verdict } = JSON.parse(run.output.out) as Run
    assert.equal(state, 'done')
    assert.deepEqual(settings, { buyers: 20, stock: 5, concurrency: 20 })
    assert.equal(verdict?.holds, true)
    const [naive, locked] = variants
    assert.ok((naive?.figures.oversold ?? 0) > 0)
    assert.deepEqual([locked?.figures.oversold, locked?.figures.sold, locked?.figures.stock_left], [0, 5, 0])
    assert.equal(locked?.series.find(({ id }) => id === 'sold')?.points.at(-1)?.[1], 5)
    assert.ok(verdict?.text.es.includes(String(naive?.figures.sold)))
    assert.deepEqual(readdirSync(temporary), [])
  })

  test('lists the experiments, and says what it does not understand', async () => {
    const list = spawnLab(['--list'], folder)
    assert.deepEqual(await list.ended, [0, null])
    for (const id of ['rate-limit', 'stampede', 'exactly-once'])
      assert.match(list.output.out, new RegExp(`^${id}: `, 'm'))
    for (const [args, why] of [
      [['--experiment', 'nope'], /expected one of the names below, got nope/],
      [['--experiment', 'oversell', '--set', 'buyers=0'], /\/settings\/buyers must be a whole number from 20 to 500/],
      [['--experiment', 'oversell', '--set', 'guests=5'], /is not a setting of oversell/],
      [['--wrong'], /--wrong/],
      [['--lang', 'fr'], /expected en or es, got fr/],
    ] as const) {
      const run = spawnLab(args, folder)
      assert.deepEqual(await run.ended, [2, null])
      assert.match(run.output.err, why)
      assert.match(run.output.err, /--experiment NAME/)
    }
  })

  for (const [how, signal, code] of [
    ['is stopped', 'SIGINT', 130],
    ['is killed', 'SIGKILL', null],
  ] as const) {
    test(`that ${how} leaves no process and no folder behind`, async () => {
      const temporary = newFolder()
      const run = spawnLab(['--experiment', 'oversell'], temporary)
      // The keeper with PostgreSQL, and an API and a worker.
      const processes = await until(() => {
        const found = descendants(run.child)
        return found.filter(({ command }) => command.includes('modified-shop')).length === 2 && found
      })
      assert.ok(processes.some(({ command }) => command.includes('bin/postgres')))
      run.child.kill(signal)
      assert.equal((await run.ended)[0], code)
      await until(() => processes.every(({ pid }) => !isAlive(pid)))
      await until(() => readdirSync(temporary).length === 0)
    })
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
