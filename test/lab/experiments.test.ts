import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { catalogue } from '../../lab/experiments/catalogue.ts'
import type { Text } from '../../lab/protocol/part-schema.ts'
import type { Run } from '../../lab/protocol/run-schema.ts'
import { completeSettings } from '../../lab/settings.ts'
import { spawnLab } from '../support/lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'lab-test-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** How often each is run in a row: LAB_TIMES=3 asks that no verdict was luck. */
const times = Number(process.env.LAB_TIMES ?? 1)

describe('every experiment is described in both languages', () => {
  for (const { id, title, hypothesis, why, settings, variants, figures, series } of catalogue) {
    test(id, () => {
      const labels: Text[] = [
        title,
        hypothesis,
        why,
        ...[...settings, ...variants, ...figures, ...series].map(({ label }) => label),
      ]
      for (const { en, es } of labels) {
        assert.ok(en.length > 2 && es.length > 2)
        if (en.length > 30) assert.notEqual(en, es)
      }
      assert.ok(why.sources.length >= 2 && why.sources.every(({ url }) => url.startsWith('https://')))
      assert.ok(variants.some((variant) => variant.protected) && variants.some((variant) => !variant.protected))
    })
  }
})

describe('every experiment shows what it says, with its defaults', () => {
  for (const about of catalogue) {
    test(`${about.id}: the protected and the unprotected differ in the measured direction`, async () => {
      for (let time = 1; time <= times; time++) {
        const temporary = mkdtempSync(join(folder, 'run-'))
        const { output, ended } = spawnLab(['--experiment', about.id, '--json'], temporary)
        const [code] = await ended
        const run = JSON.parse(output.out) as Run
        const figures = JSON.stringify(run.variants.map((variant) => [variant.id, variant.figures]))
        assert.equal(code, 0, `time ${time}: ${run.error ?? run.verdict?.text.en}\n${figures}`)
        assert.deepEqual(run.settings, completeSettings(about))
        for (const { id, figures: measured, series } of run.variants) {
          for (const figure of about.figures) assert.ok(Number.isFinite(measured[figure.id]), `${id}: ${figure.id}`)
          for (const line of series) assert.ok(line.points.length > 1, `${id}: ${line.id}`)
        }
        assert.deepEqual(readdirSync(temporary), [])
      }
    })
  }
})
