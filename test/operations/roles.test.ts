import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { send } from '../../support/http.ts'
import { ownPort } from '../../support/own-port.ts'
import { noRedis, startPostgres, startRedis } from '../../support/servers.ts'
import { type ShopProcess, spawnShop } from '../../support/shop-process.ts'
import { until } from '../../support/until.ts'
import { settled } from '../support/order-client.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

async function migrate(env: Record<string, string>): Promise<number> {
  const child = spawn(process.execPath, [main, 'migrate'], { env: { PATH: process.env.PATH ?? '', ...env } })
  const [code] = (await once(child, 'exit')) as [number]
  return code
}

test('the role migrate ends on SIGTERM while it waits for PostgreSQL, and is not taken for done', async () => {
  const DATABASE_URL = `postgres://u:secret@127.0.0.1:${await ownPort()}/shop`
  const child = spawn(process.execPath, [main, 'migrate'], { env: { PATH: process.env.PATH ?? '', DATABASE_URL } })
  const exited = once(child, 'exit')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  await until(() => output.includes('PostgreSQL is not there yet'))
  child.kill('SIGTERM')
  assert.deepEqual(await exited, [1, null])
  assert.match(output, /^SIGTERM came before the shop was open$/m)
})

test('the role migrate waits for a PostgreSQL that starts after it, and then migrates', async () => {
  const postgres = await startPostgres()
  await postgres.kill()
  const child = spawn(process.execPath, [main, 'migrate'], {
    env: { PATH: process.env.PATH ?? '', DATABASE_URL: postgres.url },
  })
  const exited = once(child, 'exit')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  try {
    await until(() => output.includes('PostgreSQL is not there yet'))
    assert.equal(child.exitCode, null)
    await postgres.start()
    assert.deepEqual(await exited, [0, null], output)
    assert.match(output, /schema brought up to date/)
    assert.equal(output.match(/not there yet/g)?.length, 1, 'it says so once')
  } finally {
    child.kill('SIGKILL')
    await postgres.stop()
  }
})

for (const redis of [false, true]) {
  describe(`roles in processes of their own, ${redis ? 'with' : 'without'} Redis`, { skip: redis && noRedis }, () => {
    test('migrate, api, worker and dashboard make one shop, and each ends cleanly on SIGTERM', async () => {
      const [postgres, store] = await Promise.all([startPostgres(), redis ? startRedis() : undefined])
      const env = { DATABASE_URL: postgres.url, ...(store && { REDIS_URL: store.url }) }
      const running: ShopProcess[] = []
      const run = async (role: 'api' | 'worker' | 'dashboard') => {
        const shop = await spawnShop(role, env)
        running.push(shop)
        return shop
      }
      try {
        const early = await run('api')
        assert.equal((await send(`${early.url}/health/ready`)).status, 503, 'not ready before the schema is there')
        // Two at once, as replicas that start together do.
        assert.deepEqual(await Promise.all([migrate(env), migrate(env)]), [0, 0])
        await until(async () => (await send(`${early.url}/health`)).json.status === 'ok')

        const [api, worker, dashboard] = [await run('api'), await run('worker'), await run('dashboard')]
        await until(async () => (await send(`${worker.url}/health/ready`)).status === 200)
        const customer = (await send(`${early.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } }))
          .json
        const job = await settled(
          api.url,
          await send(`${early.url}/orders/`, { body: { customer_id: customer.id, total: 1 } }),
        )
        assert.equal(job.status, 'succeeded')
        // What the queue and the log say of it comes after the order is stored.
        await until(async () => {
          const path = '/api/queues?activeQueue=default&status=completed'
          const [queue] = (await send(dashboard.dashboard + path)).json.queues
          assert.equal(queue.name, 'default')
          return queue.jobs.some(({ id }: { id: string }) => id === job.job_id)
        })
        const log = await until(() => /^.*order processed.*(?=\n)/m.exec(worker.output())?.[0])
        assert.equal(JSON.parse(log).job_id, job.job_id)
        assert.ok(JSON.parse(log).request_id, 'the request id goes with the job')
        assert.ok(!running.some(({ output }) => output().includes('ana@example.com')))
      } finally {
        const codes = await Promise.all(running.map((shop) => shop.end('SIGTERM')))
        assert.deepEqual(
          codes,
          running.map(() => 0),
        )
        await Promise.all([postgres.stop(), store?.stop()])
      }
    })
  })
}
