// What Kubernetes does when it replaces pods, with processes: a balancer that follows /health/ready, and SIGTERM.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { readConfig } from '../../src/config.ts'
import { startShop } from '../../src/shop.ts'
import { send } from '../../support/http.ts'
import { ownPort } from '../../support/own-port.ts'
import { noRedis, silent, startPostgres, startRedis } from '../../support/servers.ts'
import { type ShopProcess, spawnShop } from '../../support/shop-process.ts'
import { until } from '../../support/until.ts'
import { steadyLoad } from './steady-load.ts'

const RATE = Number(process.env.LOAD_RATE ?? 100)
/** How often all of them are replaced. */
const ROUNDS = Number(process.env.ROUNDS ?? 1)
const PROBE_MS = 100

describe('a rolling restart of processes', { skip: noRedis }, () => {
  test('fails no request and loses no order', async () => {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    // Longer than the balancer takes to notice, also where both have little of the processor: as in k8s/base.
    const env = { DATABASE_URL: postgres.url, REDIS_URL: redis.url, SHUTDOWN_DELAY: '5000' }
    await runMigration(env)
    const processes: ShopProcess[] = []
    const spawn = async (role: 'api' | 'worker') => {
      const started = await spawnShop(role, { ...env, PORT: String(await ownPort()), LOG_LEVEL: 'info' })
      processes.push(started)
      return started
    }
    const balancer = startBalancer()
    try {
      const replicas = [await spawn('api'), await spawn('api')]
      const workers = [await spawn('worker')]
      for (const { url } of replicas) await balancer.add(url)
      const customer = await send(`${balancer.next()}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })

      const load = steadyLoad({ url: balancer.next, customer_id: customer.json.id, rate: RATE })
      for (let round = 0; round < ROUNDS; round++) {
        for (const old of replicas.splice(0)) {
          const next = await spawn('api')
          await balancer.add(next.url)
          replicas.push(next)
          assert.equal(await old.end('SIGTERM'), 0)
        }
        for (const old of workers.splice(0)) {
          workers.push(await spawn('worker'))
          assert.equal(await old.end('SIGTERM'), 0)
        }
      }
      const { requests, accepted, failures } = await load.stop()
      console.log(`processes: ${requests} requests, ${accepted.length} orders accepted, ${failures.length} failed`)
      assert.deepEqual([...new Set(failures)], [])
      await until(async () => (await storedOnce(postgres.url)) === accepted.length)
    } finally {
      balancer.stop()
      await Promise.all(processes.map((process) => process.end('SIGTERM')))
      await Promise.all([postgres.stop(), redis.stop()])
    }
  })
})

/** Sends to those in turn that said ready when last asked, as a Service sends to ready pods. */
function startBalancer() {
  const targets = new Map<string, boolean>()
  const stopped = new AbortController()
  let turn = 0
  const isReady = (url: string) => send(`${url}/health/ready`).then(({ status }) => status === 200)
  const probing = async (url: string) => {
    while (!stopped.signal.aborted) {
      targets.set(url, await isReady(url).catch(() => false))
      await sleep(PROBE_MS, undefined, { signal: stopped.signal }).catch(() => {})
    }
  }
  return {
    /** Sends there too once it is ready. */
    async add(url: string): Promise<void> {
      void probing(url)
      await until(() => targets.get(url))
    },
    next(): string {
      const ready = [...targets.keys()].filter((url) => targets.get(url))
      turn += 1
      return ready[turn % ready.length] ?? 'http://127.0.0.1:9'
    },
    stop: () => stopped.abort(),
  }
}

async function runMigration(env: Record<string, string>): Promise<void> {
  const migration = await startShop({ config: readConfig(env), role: 'migrate', log: silent })
  await migration.close()
}

/** Orders in the database, each of a job of its own that succeeded. */
async function storedOnce(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query(
      "select count(distinct o.job_id)::int as stored, count(*)::int as all from orders o join order_jobs j on j.order_id = o.id and j.status = 'succeeded'",
    )
    assert.equal(rows[0].stored, rows[0].all)
    return rows[0].stored
  } finally {
    await client.end()
  }
}
