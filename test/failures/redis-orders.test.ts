import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Redis } from 'ioredis'
import { type Answer, send } from '../../support/http.ts'
import { noRedis, type Server } from '../../support/servers.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { until } from '../../support/until.ts'
import { assertLimited, type Fixture, fixture, recovered, settings } from '../support/failing-shop.ts'
import { waitingOrders } from '../support/waiting-orders.ts'

async function administer<T>(server: Server, work: (admin: Redis) => Promise<T>): Promise<T> {
  const admin = new Redis(server.url)
  try {
    return await work(admin)
  } finally {
    admin.disconnect()
  }
}
const limitMemory = (server: Server, maxmemory: string) =>
  administer(server, (admin) => admin.config('SET', 'maxmemory', maxmemory))

async function loseDisk(server: Server): Promise<void> {
  const [, folder = ''] = (await administer(server, (admin) => admin.config('GET', 'dir'))) as string[]
  await server.kill()
  rmSync(join(folder, 'appendonlydir'), { recursive: true })
  await server.start()
}

interface Failure {
  harm(server: Server): unknown
  heal(server: Server): unknown
  /** What the client of an order that waits in the queue is told. */
  queued: [status: number, said: string]
  health: 'ok' | 'degraded'
}
const unknown: [number, string] = [503, 'status_unavailable']
const failures: Record<string, Failure> = {
  'gone under load': {
    harm: (server) => server.kill(),
    heal: (server) => server.start(),
    queued: unknown,
    health: 'degraded',
  },
  frozen: { harm: (server) => server.freeze(), heal: (server) => server.thaw(), queued: unknown, health: 'degraded' },
  full: {
    harm: (server) => limitMemory(server, '1'),
    heal: (server) => limitMemory(server, '0'),
    queued: [200, 'queued'],
    health: 'degraded',
  },
  'restarted empty': { harm: loseDisk, heal: () => {}, queued: [404, 'job_not_found'], health: 'ok' },
}

const said = ({ status, json }: Answer) => [status, json.code ?? json.status]

async function assertHealth(url: string, expected: string): Promise<void> {
  const health = await until(async () => {
    const answer = await send(`${url}/health/ready`)
    return answer.json.status === expected && answer
  })
  assert.equal(health.status, 200)
  assert.equal((await send(`${url}/health/live`)).status, 200)
}

describe('orders that wait when Redis fails', { skip: noRedis }, () => {
  let all: Fixture
  let redis: Server
  before(async () => {
    all = await fixture({ redis: true, env: { WORKER_CONCURRENCY: '2' } })
    redis = all.shop.redis as Server
  })
  after(() => all.shop.close())

  for (const [name, { harm, heal, queued, health }] of Object.entries(failures)) {
    test(`${name}: orders at hand are decided meanwhile, none that waits is told wrong, each is made once`, async (t) => {
      const { url } = all.shop
      try {
        const orders = await waitingOrders(all, 2)
        t.after(orders.release)
        await harm(redis)
        await assertHealth(url, health)
        // While a connection is just coming back it may be said that nothing is known, but nothing else.
        const told = new Set<string>()
        await until(async () => {
          const now = (await orders.queued()).map((answer) => String(said(answer)))
          for (const each of now) told.add(each)
          return now.every((each) => each === String(queued))
        })
        assert.ok(told.isSubsetOf(new Set([String(queued), String(unknown)])), [...told].join(' '))
        await assertLimited(url)
        await orders.release()
        await until(async () => (await orders.running()).every(({ json }) => json.status === 'succeeded'))
        await heal(redis)
        await recovered(all)
        await orders.madeOnce()
      } finally {
        redis.thaw()
      }
    })
  }

  test('gone at start: an ended order is told from the database, one that waits goes on when Redis comes', async (t) => {
    const orders = await waitingOrders(all, 2)
    t.after(orders.release)
    await redis.kill()
    const late = await spawnShop('api', { ...settings, DATABASE_URL: all.shop.postgres.url, REDIS_URL: redis.url })
    t.after(() => late.end('SIGTERM'))
    await assertHealth(late.url, 'degraded')
    assert.deepEqual(said(await send(late.url + all.ended.json.status_url)), [200, 'succeeded'])
    for (const answer of await orders.queued(late.url)) assert.deepEqual(said(answer), unknown)
    await assertLimited(late.url)
    await redis.start()
    await orders.release()
    await until(async () => (await orders.queued(late.url)).every(({ json }) => json.status === 'succeeded'))
    await orders.madeOnce()
  })
})
