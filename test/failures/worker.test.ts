import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { noRedis } from '../../support/servers.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { until } from '../../support/until.ts'
import { assertLimited, type Fixture, fixture, probe } from '../support/failing-shop.ts'
import { inTime } from '../support/free-machine.ts'
import { waitingOrders } from '../support/waiting-orders.ts'

const DRAIN_MS = 3000

describe('a worker leaves', { concurrency: 2 }, () => {
  for (const redis of [true, false]) {
    describe(`queue in ${redis ? 'Redis' : 'the database'}`, { concurrency: 1, skip: redis && noRedis }, () => {
      let all: Fixture
      before(async () => {
        all = await fixture({ redis, env: { WORKER_CONCURRENCY: '1' } })
      })
      after(() => all.shop.close())
      /** A second worker that has two orders at hand, as the first has one, and two that nobody has yet. */
      const busyWorker = async (t: TestContext, env: Record<string, string>) => {
        const { postgres, redis: store } = all.shop
        const stores = { DATABASE_URL: postgres.url, ...(store && { REDIS_URL: store.url }) }
        const worker = await spawnShop('worker', { ...stores, WORKER_CONCURRENCY: '2', ...env })
        t.after(() => worker.end('SIGKILL'))
        const orders = await waitingOrders(all, 3)
        t.after(orders.release)
        return { worker, orders }
      }

      /** All but the orders at hand goes on as ever. */
      const assertUnnoticed = async (key: string) => {
        const { list, one, write, order, status, health, live } = await probe(all, key)
        assert.deepEqual(
          [list, one, write, order].map((answer) => answer.status),
          [200, 200, 201, 202],
        )
        assert.deepEqual([status.json.status, health.json.status, live.status], ['succeeded', 'ok', 200])
        await assertLimited(all.shop.url)
      }

      test('worker killed with orders at hand: the catalogue, intake, limiter and health do not notice', async (t) => {
        const { worker, orders } = await busyWorker(t, {})
        await worker.end('SIGKILL')
        await assertUnnoticed('killed')
        for (const { status } of [...(await orders.running()), ...(await orders.queued())]) assert.equal(status, 200)
        await orders.release()
        await orders.madeOnce()
      })

      for (const [what, env] of [
        ['are finished', { REQUEST_TIMEOUT: '30000', DRAIN_TIMEOUT: '30000' }],
        ['that outlast DRAIN_TIMEOUT are left to another worker', { DRAIN_TIMEOUT: `${DRAIN_MS}` }],
        ['that the database keeps from ending are handed back', { REQUEST_TIMEOUT: '500' }],
      ] as const) {
        test(`worker SIGTERM: orders at hand ${what}, each is made once, and spends no attempt`, async (t) => {
          const { worker, orders } = await busyWorker(t, env)
          const leave = () => worker.end('SIGTERM')
          // To wait for the orders, and then as long for their transactions, would be twice the time.
          const ended = what.startsWith('that outlast') ? inTime(1.6 * DRAIN_MS, leave) : leave()
          await until(() => worker.output().includes('SIGTERM: finishing'))
          if (what === 'are finished') await assertUnnoticed('leaving')
          else assert.equal(await ended, 0)
          await orders.release()
          assert.equal(await ended, 0)
          const processed = () => worker.output().match(/order processed/g)?.length ?? 0
          const expected = what === 'are finished' ? 2 : 0
          await until(() => processed() >= expected) // what it wrote last may be read after its end
          assert.equal(processed(), expected)
          for (const job of await orders.madeOnce()) assert.equal(job.attempts, 1)
        })
      }
    })
  }
})
