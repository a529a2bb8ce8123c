import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { catalogue } from '../../lab/experiments/catalogue.ts'
import type { Run } from '../../lab/protocol/run-schema.ts'
import { send } from '../../support/http.ts'
import { PATIENCE_MS } from '../../support/until.ts'
import { noBrowser, openBrowser, openPage, tourSeen } from '../support/browser.ts'
import { openShop, type TestShop } from '../support/shop.ts'

/** How often each experiment is run: once, or as `LAB_TIMES=3` says, which takes a quarter of an hour. */
const TIMES = Number(process.env.LAB_TIMES ?? 1)
const desktop = { viewport: { width: 1280, height: 800 }, locale: 'en-GB' }
const phone = { viewport: { width: 360, height: 740 }, locale: 'en-GB' }

describe('every experiment, run in a real browser', { skip: noBrowser }, () => {
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
        const options = { ...(time % 2 === 0 ? phone : desktop), storageState: tourSeen(shop.url) }
        const { page, faults, close } = await openPage(browser, `${shop.url}/lab?experiment=${id}`, options)
        await page.locator('#run').click()
        const verdict = page.locator('.verdict')
        await verdict.or(page.locator('.notice')).waitFor({ timeout: 2 * PATIENCE_MS })
        const kept = await page.getByRole('link', { name: 'See and compare this run' }).getAttribute('href')
        const run: Run = (await send(`${shop.url}/lab/runs/${kept?.split('run=')[1]}`)).json
        assert.equal(run.state, 'done', `${run.error}`)
        assert.ok(run.verdict?.holds, `${run.verdict?.text.en}`)
        assert.equal(await verdict.getAttribute('data-holds'), 'true')
        assertBetter(run)
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

/** By the figure that the verdict rests on first, every protected variant is better than the worst of the others. */
function assertBetter({ verdict, variants }: Run): void {
  const [first] = verdict?.compared ?? []
  assert.ok(first, 'nothing was compared')
  const sign = first.better === 'lower' ? 1 : -1
  const worst = (isProtected: boolean) =>
    Math.max(...variants.flatMap((each) => (each.protected === isProtected ? [sign * first.values[each.id]!] : [])))
  assert.ok(worst(true) < worst(false), `${first.figure}: ${JSON.stringify(first.values)}`)
}

const plotted = (variant: Run['variants'][number], id: string) =>
  variant.series.some((series) => series.id === id && series.points.length > 0)
