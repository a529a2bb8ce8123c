import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { report } from '../../load/report.ts'
import { scenarios } from '../../load/scenarios.ts'
import { send } from '../../support/http.ts'
import { PATIENCE_MS, until } from '../../support/until.ts'
import { readText } from '../support/markdown.ts'
import { openShop, type TestShop } from '../support/shop.ts'

const root = join(import.meta.dirname, '../..')

function start(command: string, args: string[], env: Record<string, string> = {}) {
  const child = spawn(command, args, { cwd: root, env: { PATH: process.env.PATH ?? '', ...env }, timeout: PATIENCE_MS })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return { output: () => output, ended: once(child, 'close').then(([status]) => ({ status, output })) }
}
const load = (...args: string[]) => start(process.execPath, ['load/load.cli.ts', ...args]).ended

describe('npm run load', { concurrency: true }, () => {
  let shop: TestShop
  before(async () => {
    shop = await openShop({ env: { RATE_LIMIT: '10/minute' } })
  })
  after(() => shop.close())

  test('smoke drives a shop within its limit, and every order that it counts is made', async () => {
    const { status, output } = await load('--scenario', 'smoke', '--url', shop.url)
    assert.equal(status, 0, output)
    const [, orders] = /^order +(\d+) .* 0 +0$/m.exec(output) ?? []
    assert.ok(Number(orders) >= 3, output)
    const made = (await send(`${shop.url}/orders/`)).json.filter(({ total }: { total: number }) => total === 1.5)
    // The run's end can cut off the one request that its one user then waits for: served, and not counted.
    const cutOff = (served: number, counted: number) => assert.ok([0, 1].includes(served - counted), output)
    cutOff(made.length, Number(orders))
    assert.match(output, /^the queue was empty \d+\.\d s after/m)
    assert.match(output, /^p95 .*: kept$/m)
    const served = (await send(`${shop.url}/metrics`)).text
    const times = Number(/_count\{.*route="\/whoami",status="200".*\} (\d+)/.exec(served)?.[1])
    cutOff(times, Number(/^whoami +(\d+) /m.exec(output)?.[1]))
  })

  test('it counts the answers of a limit apart, and says how to turn that off', async () => {
    const limited = await openShop({ env: { RATE_LIMIT: '6/hour', METRICS_PORT: '0' } })
    try {
      const { output } = await load('--scenario', 'steady', '--seconds', '2', '--url', limited.url)
      const [, failed, over] = /^all .* (\d+) +(\d+)$/m.exec(output) ?? []
      assert.equal(failed, '0')
      assert.ok(Number(over) > 50, output)
      assert.match(output, /RATE_LIMIT=off/)
      assert.match(output, /the queue was not seen: .*\/metrics answers 404/)
    } finally {
      await limited.close()
    }
  })

  test('a run of more requests than a call may have arguments is reported, too', () => {
    const sample = { stage: 0, step: 'order', ms: 1, status: 202 } as const
    const samples = Array.from({ length: 200_000 }, (_, at) => ({ ...sample, at }))
    assert.match(report(scenarios.orders, samples, []), /^all +200000 /m)
  })

  test('what cannot be run is exit code 2, and says why', async () => {
    const nobody = await load('--url', 'http://127.0.0.1:1')
    assert.equal(nobody.status, 2)
    assert.match(nobody.output, /^http:\/\/127\.0\.0\.1:1 does not answer/)
    const unknown = await load('--scenario', 'lunch')
    assert.equal(unknown.status, 2)
    assert.match(unknown.output, /^--scenario: expected one of smoke, steady/)
  })

  test('load/demo-hpa.sh prints replicas and the queue; a shop that fails its scenario is exit code 1', async () => {
    const open = await openShop({ env: { METRICS_PORT: '0' } })
    const folder = mkdtempSync(join(tmpdir(), 'kubectl-'))
    // No cluster here: a program of that name that answers as one with three replicas would.
    const kubectl = join(folder, 'kubectl')
    writeFileSync(
      kubectl,
      `#!/bin/sh
case "$*" in
  *'get hpa api-hpa'*) echo "3 4 71" ;;
  'port-forward deployment/worker :9464') echo "Forwarding from ${new URL(open.urls.metrics ?? '').host} -> 9464"; exec sleep 60 ;;
  *) echo 3 ;;
esac
`,
    )
    chmodSync(kubectl, 0o755)
    const PATH = `${folder}${delimiter}${process.env.PATH}`
    const demo = () =>
      start('sh', ['load/demo-hpa.sh'], { PATH, HOME: folder, BASE: open.url, DURATION: '3', AFTER: '0' })
    try {
      const { output } = await demo().ended
      assert.match(output, /replicas 3, ready 3, wanted 4; use of what they ask for, %: 71/)
      assert.match(output, /^120 users, 1 s /m)
      assert.match(output, /^the queue was empty \d+\.\d s after/m)

      const failing = demo()
      await until(() => failing.output().includes('hpa:'))
      await open.postgres.kill()
      const failed = await failing.ended
      assert.equal(failed.status, 1, failed.output)
      assert.match(failed.output, /NOT KEPT/)
    } finally {
      await open.close()
      rmSync(folder, { recursive: true })
    }
  })

  test('k6 has a script for each scenario', () => {
    const scripts = readdirSync(join(root, 'load/k6')).filter((name) => name.endsWith('.ts') && name !== 'shop.ts')
    assert.deepEqual(
      scripts,
      Object.keys(scenarios)
        .map((name) => `${name}.ts`)
        .sort(),
    )
    for (const script of scripts) {
      const used = [...readText(`load/k6/${script}`).matchAll(/scenarios\.(\w+)\)/g)].map(([, name]) => `${name}.ts`)
      assert.deepEqual(used, [script, script])
    }
  })
})
