// A real Prometheus, configured as in k8s/monitoring, watches a real shop.  node --test test/deploy/monitoring.test.ts
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { readConfig } from '../../src/config.ts'
import { type Shop, startShop } from '../../src/shop.ts'
import { type Answer, send } from '../../support/http.ts'
import { ownPort } from '../../support/own-port.ts'
import { noRedis, type Server, silent, startPostgres, startRedis } from '../../support/servers.ts'
import { until } from '../../support/until.ts'
import { readText } from '../support/markdown.ts'
import { dashboardQueries, noPrometheus } from '../support/monitoring.ts'
import { settled } from '../support/order-client.ts'

const ADMIN_TOKEN = 'a-token-of-the-shop-of-this-test'
const admin = { authorization: `Bearer ${ADMIN_TOKEN}` }

describe('Prometheus at the shop', { skip: noPrometheus ?? noRedis }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'))
  const token = join(folder, 'admin-token')
  let stores: Server[]
  let shops: Shop[]
  let api: string
  let prometheus: ChildProcess
  let base: string
  // Some seconds of orders, for a rate to be seen, and then refusals.
  const RATE_LIMIT = '60/minute'

  before(async () => {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    stores = [postgres, redis]
    const env = {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      PORT: '0',
      METRICS_PORT: '0',
      ADMIN_TOKEN,
      RATE_LIMIT,
    }
    await (await startShop({ config: readConfig(env), role: 'migrate', log: silent })).close()
    shops = await Promise.all(
      (['api', 'worker'] as const).map((role) => startShop({ config: readConfig(env), role, log: silent })),
    )
    api = shops[0]?.urls.api ?? ''

    writeFileSync(token, ADMIN_TOKEN)
    writeFileSync(join(folder, 'alerts.yml'), readText('k8s/monitoring/alerts.yml'))
    const targets = shops.map(({ urls }) => `static_configs: [{ targets: ['${new URL(urls.metrics ?? '').host}'] }]`)
    const config = readText('k8s/monitoring/prometheus.yml')
      .replace(/dns_sd_configs: .*/g, () => targets.shift() ?? assert.fail('more jobs than roles'))
      .replace('/run/shop/admin-token', token)
      .replaceAll('interval: 15s', 'interval: 1s')
    assert.equal(targets.length, 0)
    writeFileSync(join(folder, 'prometheus.yml'), config)
    const port = await ownPort()
    base = `http://127.0.0.1:${port}`
    const args = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`]
    prometheus = spawn('prometheus', [...args, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' })
    await until(async () => (await send(`${base}/-/ready`)).status === 200)
  })
  after(async () => {
    const exited = once(prometheus, 'exit')
    prometheus.kill()
    await exited
    await Promise.all(shops.map((shop) => shop.close()))
    await Promise.all(stores.map((store) => store.stop()))
    rmSync(folder, { recursive: true })
  })

  const query = async (expr: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> => {
    const { json } = await send(`${base}/api/v1/query?query=${encodeURIComponent(expr)}`)
    assert.equal(json.status, 'success', `${expr}: ${json.error}`)
    return json.data.result
  }

  test('it reaches an API and a worker with the token', async () => {
    await until(async () => (await query('up == 1')).length === 2)
    assert.deepEqual((await query('up')).map(({ metric }) => metric.job).sort(), ['shop-api', 'shop-worker'])
  })

  test('every query of the dashboard finds something to show, and no alert is raised', async () => {
    const customer = await send(`${api}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })
    const lamp = { name: 'Lamp', price: 1, stock: 5 }
    const busy = async (): Promise<Answer> => {
      await send(`${api}/products/`, { body: lamp, headers: admin })
      await send(`${api}/products/`)
      await send(`${api}/health/ready`)
      return send(`${api}/orders/`, { body: { customer_id: customer.json.id, total: 1 } })
    }
    assert.equal((await settled(api, await busy())).status, 'succeeded')
    let empty = dashboardQueries('30s')
    await until(async () => {
      await busy()
      const found = await Promise.all(empty.map(query))
      empty = empty.filter((_, index) => !found[index]?.some(({ value }) => Number.isFinite(Number(value[1]))))
      return empty.length === 0
    }).catch((cause) => assert.fail(new Error(`these show nothing: ${empty.join('\n')}`, { cause })))
    assert.deepEqual(await query('ALERTS{alertstate="firing"}'), [])
  })

  test('with another token it is refused, and says why', async () => {
    writeFileSync(token, 'another-token-than-the-shop-has')
    await until(async () => (await query('up == 0')).length === 2)
    const { json } = await send(`${base}/api/v1/targets`)
    for (const { lastError } of json.data.activeTargets) assert.match(lastError, /401/)
  })
})
