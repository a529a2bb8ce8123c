import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { send } from '../../support/http.ts'
import { until } from '../../support/until.ts'
import { noBrowser, openBrowser, openPage } from '../support/browser.ts'
import { openShop, type TestShop } from '../support/shop.ts'

const widths = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } }

describe('axe finds nothing in the lab', { skip: noBrowser }, () => {
  let shop: TestShop
  let browser: Browser
  /** Addresses of all views, with a run that has been made. */
  let views: string[]
  const data = mkdtempSync(join(tmpdir(), 'lab-axe-'))
  before(async () => {
    ;[shop, browser] = await Promise.all([openShop({ env: { LAB: 'on', DATA_DIR: data } }), openBrowser()])
    const runs = [await finishedRun('oversell', { buyers: 20 }), await finishedRun('stale-restore', { rounds: 1 })]
    const [stock, stale] = runs
    const compared = `/lab?run=${stock}&with=${stale}`
    views = [
      '/lab?part=cache',
      '/lab?view=experiments',
      '/lab?experiment=stampede',
      '/lab?view=runs',
      `/lab?run=${stale}`,
      compared,
    ]
  })
  after(async () => {
    await Promise.all([browser.close(), shop.close()])
    rmSync(data, { recursive: true, force: true })
  })

  async function finishedRun(experiment: string, settings: Record<string, number>): Promise<string> {
    const { run_id } = (await send(`${shop.url}/lab/runs`, { body: { experiment, settings } })).json
    await until(async () => (await send(`${shop.url}/lab/runs/${run_id}`)).json.state === 'done')
    return run_id
  }

  for (const colorScheme of ['light', 'dark'] as const)
    for (const [locale, skip] of [
      ['en-GB', 'Skip'],
      ['es-ES', 'Saltar'],
    ] as const)
      for (const [width, viewport] of Object.entries(widths))
        test(`${colorScheme}, ${locale.slice(0, 2)}, on a ${width}`, async () => {
          const { page, close } = await openPage(browser, `${shop.url}/lab`, { colorScheme, locale, viewport })
          await page.getByRole('dialog').waitFor()
          await check(page, 'the tour')
          await page.getByRole('button', { name: skip }).click()
          for (const view of views) {
            await page.goto(shop.url + view)
            await page.locator('.figure svg, .scroll, .card, .setup').first().waitFor({ state: 'attached' })
            for (const summary of await page.locator('summary').all()) await summary.click()
            await check(page, view)
          }
          await close()
        })
})

async function check(page: Page, view: string): Promise<void> {
  await page.evaluate(axe.source)
  const found = await page.evaluate<axe.AxeResults>('axe.run()')
  const violations = found.violations.map(
    ({ id, nodes }) => `${view}: ${id} ${nodes.map(({ html }) => html.slice(0, 120))}`,
  )
  assert.deepEqual(violations, [])
}
