import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { catalogue } from '../../src/lab/experiments/catalogue.ts'
import type { Run, Verdict } from '../../src/lab/protocol.ts'
import { noBrowser, openBrowser, openPage } from '../support/browser.ts'
import { send } from '../support/http.ts'
import { openShop, type TestShop } from '../support/shop.ts'

/** How often each experiment is run: once, or as `LAB_TIMES=3` says, which takes a quarter of an hour. */
const TIMES = Number(process.env.LAB_TIMES ?? 1)
const desktop = { viewport: { width: 1280, height: 800 }, locale: 'en-GB' }
const phone = { viewport: { width: 360, height: 740 }, locale: 'en-GB' }
const PATIENCE_MS = 4 * 60_000

describe('every experiment, run in a real browser', { skip: noBrowser, timeout: 60 * 60_000 }, () => {
  let shop: TestShop
  let browser: Browser
  const data = mkdtempSync(join(tmpdir(), 'lab-experiments-'))
  before(async () => {
    ;[shop, browser] = await Promise.all([openShop({ env: { LAB: 'on', DATA_DIR: data } }), openBrowser()])
  })
  after(async () => {
    await Promise.all([browser.close(), shop.close()])
    rmSync(data, { recursive: true, force: true })
  })

  for (const { id, title, variants, series } of catalogue)
    for (let time = 1; time <= TIMES; time++)
      test(`${title.en}: what is protected is measured to be better (${time} of ${TIMES})`, async () => {
        const width = time % 2 === 0 ? phone : desktop
        const { page, faults, close } = await openPage(browser, `${shop.url}/lab`, width)
        await page.keyboard.press('Escape')
        await page.goto(`${shop.url}/lab?experiment=${id}`)
        await page.locator('#run').click()
        const verdict = page.locator('.verdict')
        await verdict.or(page.locator('.notice')).waitFor({ timeout: PATIENCE_MS })
        const kept = await page.getByRole('link', { name: 'See and compare this run' }).getAttribute('href')
        const run: Run = (await send(`${shop.url}/lab/runs/${kept?.split('run=')[1]}`)).json
        assert.equal(run.state, 'done', `${run.error}`)
        assert.ok(run.verdict?.holds, `${run.verdict?.text.en}`)
        assert.equal(await verdict.getAttribute('data-holds'), 'true')
        for (const compared of run.verdict.compared) assertBetter(compared, run)
        const drawn = series.filter((each) => run.variants.some((variant) => plotted(variant, each.id)))
        assert.equal(await page.locator('.figure:not(.timeline-figure) svg').count(), drawn.length)
        assert.deepEqual(await page.locator('#compared thead th').allTextContents(), [
          'figure',
          ...variants.map(({ label }) => label.en),
        ])
        assert.deepEqual(faults, [])
        await close()
      })
})

/** Every protected variant is better than the worst of those that are not. */
function assertBetter({ figure, better, values }: Verdict['compared'][number], run: Run): void {
  const of = (isProtected: boolean) =>
    run.variants.filter((variant) => variant.protected === isProtected).map(({ id }) => values[id] ?? Number.NaN)
  const sign = better === 'lower' ? 1 : -1
  const worst = (numbers: number[]) => Math.max(...numbers.map((number) => sign * number))
  const protectedOnes = of(true)
  const naive = of(false)
  const said = `${figure}: ${JSON.stringify(values)}`
  assert.ok(worst(protectedOnes) < worst(naive), said)
}

const plotted = (variant: Run['variants'][number], id: string) =>
  variant.series.some((series) => series.id === id && series.points.length > 0)
