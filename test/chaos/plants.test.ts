import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { plantNames } from '../../chaos/options.ts'
import type { Report } from '../../chaos/report.ts'
import { openShop } from '../support/shop.ts'

const folder = mkdtempSync(join(tmpdir(), 'chaos-report-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the command as a user would; gives its exit code and its report. */
async function chaos(name: string, ...args: string[]): Promise<{ code: number; report: Report; output: string }> {
  const json = join(folder, `${name}.json`)
  const main = join(import.meta.dirname, '../../chaos/chaos.cli.ts')
  const child = spawn(process.execPath, [main, '--json', json, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [code] = (await once(child, 'exit')) as [number]
  assert.ok(code === 0 || code === 1, `the auditor could not run:\n${output}`)
  return { code, report: JSON.parse(readFileSync(json, 'utf8')) as Report, output }
}

describe('npm run chaos', () => {
  for (const plant of plantNames) {
    test(`catches and names a shop that is broken on purpose: ${plant}`, async () => {
      const run = ['--seconds', '6', '--seed', '7', '--every', '1.5', '--rate', '100', '--apis', '2', '--workers', '2']
      const { code, report, output } = await chaos(plant, ...run, '--plant', plant)
      assert.equal(code, 1)
      assert.ok((report.violations[plant] ?? 0) > 0, output)
      assert.match(output, new RegExp(`VIOLATION ${plant}: \\d+`))
    })
  }

  test('audits a shop that is there by HTTP alone', async () => {
    const shop = await openShop({ redis: false })
    try {
      const { code, report, output } = await chaos('target', '--target', shop.url, '--seconds', '4', '--rate', '50')
      assert.equal(code, 0, output)
      assert.equal(report.kills, 0)
      assert.ok(report.orders.accepted > 50)
    } finally {
      await shop.close()
    }
  })
})
