import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import { readConfig } from '../src/config.ts'
import { freePort } from '../src/db/embedded/free-port.ts'
import { startShop } from '../src/shop.ts'
import { silent, startPostgres, startRedis } from '../support/servers.ts'
import { spawnShop } from '../support/shop-process.ts'
import { drive } from './drive.ts'
import { prepare } from './prepare.ts'
import type { Scenario, Step } from './scenarios.ts'
import { watchQueue } from './watch-queue.ts'

// node load/cost.ts [seconds]: what a request costs each part, in processor time, which is what capacity is made of. One
// API, one worker, PostgreSQL and Redis as production runs them, with the limiter and the log on. Linux, since it reads
// /proc. Processor time hardly depends on what else the machine does, unlike requests a second.
const SECONDS = Number(process.argv[2] ?? 10)
const MICROSECONDS_PER_TICK = 1_000_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
const PARTS = ['API', 'worker', 'PostgreSQL', 'Redis'] as const
type Used = Record<(typeof PARTS)[number], number>

const works: { name: string; step: Step; products: number }[] = [
  { name: 'the cached list of 101', step: 'list', products: 101 },
  { name: 'one product', step: 'product', products: 101 },
  { name: 'an order, of 101 products', step: 'order', products: 101 },
  { name: 'an order, always of one', step: 'order', products: 1 },
]

const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
const env = { DATABASE_URL: postgres.url, REDIS_URL: redis.url, RATE_LIMIT: '100000000/hour', LOG_LEVEL: 'info' }
await startShop({ config: readConfig(env), role: 'migrate', log: silent }).then((shop) => shop.close())
const spawn = async (role: 'api' | 'worker') => spawnShop(role, { ...env, PORT: String(await freePort()) })
const [api, worker] = await Promise.all([spawn('api'), spawn('worker')])
const sql = new pg.Client({ connectionString: postgres.url })
await sql.connect()
try {
  const everything = await prepare(api.url, {}, 101)
  console.log(['', 'requests', '/s', ...PARTS.map((part) => `${part} µs`), 'all µs', 'WAL bytes'].join(' | '))
  for (const { name, step, products } of works) {
    const fixtures = { ...everything, product_ids: everything.product_ids.slice(0, products) }
    await measure(name, step, 2, fixtures) // code is compiled, pools are filled
    const row = await measure(name, step, SECONDS, fixtures)
    console.log(row.join(' | '))
  }
} finally {
  await sql.end()
  await Promise.all([api.end('SIGTERM'), worker.end('SIGTERM')])
  await Promise.all([postgres.stop(), redis.stop()])
}

async function measure(name: string, step: Step, seconds: number, fixtures: Awaited<ReturnType<typeof prepare>>) {
  const limits = { p95_ms: 0, failed: 0 }
  const scenario: Scenario = { about: name, stages: [{ seconds, users: 32 }], pace: 100_000, steps: [step], limits }
  const [before, walBefore] = [used(), await wal()]
  const began = performance.now()
  const queue = watchQueue(api.url, {})
  const samples = await drive(scenario, { url: api.url, fixtures, headers: {} })
  await queue.stop(300_000)
  const took = step === 'order' ? performance.now() - began : seconds * 1000 // until the last order is made
  const failed = samples.filter(({ status }) => status !== 200 && status !== 202).length
  if (failed > 0) throw new Error(`${failed} of ${samples.length} requests failed`)
  const [after, walAfter] = [used(), await wal()]
  const cost = PARTS.map((part) => (after[part] - before[part]) / samples.length)
  const all = cost.reduce((sum, part) => sum + part, 0)
  const rate = (samples.length / took) * 1000
  return [name, samples.length, ...[rate, ...cost, all, (walAfter - walBefore) / samples.length].map(Math.round)]
}

/** Bytes that PostgreSQL has written ahead so far. */
async function wal(): Promise<number> {
  const { rows } = await sql.query("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as bytes")
  return rows[0].bytes
}

/** Microseconds of processor time that each part has used since it began, its children included. */
function used(): Used {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
        const fields = rest.split(' ').map(Number)
        return [
          { pid: Number(pid), parent: fields[1], name, ticks: fields.slice(11, 15).reduce((sum, n) => sum + n, 0) },
        ]
      } catch {
        return [] // it has ended between
      }
    })
  const ours = processes.filter(({ parent }) => parent === process.pid)
  const family = (wanted: (process: (typeof processes)[number]) => boolean) => {
    const heads = ours.filter(wanted)
    const members = processes.filter((one) => heads.some(({ pid }) => pid === one.pid || pid === one.parent))
    return members.reduce((sum, { ticks }) => sum + ticks, 0) * MICROSECONDS_PER_TICK
  }
  return {
    API: family(({ pid }) => pid === api.child.pid),
    worker: family(({ pid }) => pid === worker.child.pid),
    PostgreSQL: family(({ name }) => name === 'postgres'),
    Redis: family(({ name }) => name === 'redis-server'),
  }
}
