import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Part } from '../../lab/protocol/part-schema.ts'
import type { Run } from '../../lab/protocol/run-schema.ts'
import { until } from '../../support/until.ts'
import { noBrowser, openBrowser, openPage, tourSeen } from '../support/browser.ts'
import { openShop, type TestShop } from '../support/shop.ts'

/** A run that takes few seconds. */
const EXPERIMENT = 'oversell'
const SETTINGS = 'buyers=20&stock=5'

const widths: Record<string, BrowserContextOptions> = {
  desktop: { viewport: { width: 1280, height: 800 }, locale: 'en-GB' },
  phone: { viewport: { width: 360, height: 740 }, locale: 'en-GB', hasTouch: true },
}

describe('the lab in a real browser', { skip: noBrowser }, () => {
  let shop: TestShop
  let browser: Browser
  const data = mkdtempSync(join(tmpdir(), 'lab-page-'))
  before(async () => {
    const env = { LAB: 'on', DATA_DIR: data, RATE_LIMIT: '10/minute' }
    ;[shop, browser] = await Promise.all([openShop({ env }), openBrowser()])
  })
  after(async () => {
    await Promise.all([browser.close(), shop.close()])
    rmSync(data, { recursive: true, force: true })
  })

  /** The lab as one sees it who has been through the tour. */
  async function openLab(path: string, options?: BrowserContextOptions) {
    const opened = await openPage(browser, shop.url + path, { ...options, storageState: tourSeen(shop.url) })
    const { page, faults } = opened
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
    await page.locator('h1').waitFor()
    return opened
  }

  for (const [width, options] of Object.entries(widths)) {
    test(`on a ${width}: a first visit gets the tour, which holds the focus, ends by Esc, and does not come again`, async () => {
      const { page, faults, close } = await openPage(browser, `${shop.url}/lab`, options)
      const tour = page.getByRole('dialog')
      await tour.waitFor()
      for (let press = 0; press < 8; press++) {
        await page.keyboard.press('Tab')
        assert.equal(await page.locator(':focus:not(dialog, dialog *)').count(), 0)
      }
      await tour.getByRole('button', { name: 'Next' }).click()
      await tour.getByText('2 of 6').waitFor()
      await page.keyboard.press('Escape')
      await tour.waitFor({ state: 'detached' })
      await page.locator('h1:focus').waitFor()
      await page.reload()
      await page.locator('h1').waitFor()
      assert.equal(await tour.count(), 0)

      await page.locator('#tour-button').focus()
      await page.keyboard.press('Enter')
      for (let step = 1; step < 6; step++) await tour.getByRole('button', { name: 'Next' }).click()
      await tour.getByRole('button', { name: 'Begin' }).click()
      await tour.waitFor({ state: 'detached' })
      assert.equal(await focused(page), 'tour-button')
      assert.deepEqual(faults, [])
      await close()
    })

    test(`on a ${width}: traffic that it sends is counted by the parts it passes`, async () => {
      const { page, faults, close } = await openLab('/lab', options)
      const figure = (part: string) => page.locator(`#part-${part} .part-figure`)
      const before = await until(async () => (await figure('worker').textContent()) || undefined)
      await page.locator('#send-traffic').click()
      await page.locator('.dot').first().waitFor({ state: 'attached' })
      await page
        .getByText(/GET \/products\/: 200\s×\s\d+/)
        .or(page.getByText(/GET \/products\/: 429/))
        .waitFor()
      await until(async () => Number(await figure('worker').textContent()) > Number(before))
      await until(async () => Number(await figure('limiter').textContent()) > 0)
      // A refused request is what the browser calls a failed one.
      assert.deepEqual(
        faults.filter((fault) => !fault.includes('429')),
        [],
      )
      await close()
    })

    test(`on a ${width}: each part opens by the keyboard, with its state, its last events and its source`, async () => {
      const { page, faults, close } = await openLab('/lab', options)
      const parts = (await (await page.request.get(`${shop.url}/lab/parts`)).json()) as Part[]
      await page.locator('#part-client').focus()
      for (const _ of parts) {
        const id = (await focused(page)) ?? ''
        const { part, title, sources } = parts.find((each) => id === `part-${each.part}`) as Part
        await page.keyboard.press('Enter')
        const panel = page.locator('#part-panel')
        await panel.getByRole('heading', { name: title.en, level: 2 }).waitFor()
        assert.equal(new URL(page.url()).searchParams.get('part'), part)
        await panel.locator('table.state tr').first().waitFor()
        const [main = ''] = sources
        const shown = panel.getByRole('group', { name: main })
        await shown.locator('.line-numbers').waitFor()
        assert.equal(await shown.locator('code').textContent(), readFileSync(main, 'utf8').trimEnd())
        assert.equal(await focused(page), id)
        await page.keyboard.press('ArrowRight')
      }
      await page.goBack()
      await page.waitForURL(/part=database/)
      assert.deepEqual(faults, [])
      await close()
    })

    test(`on a ${width}: language and theme change and are remembered, and nothing is wider than the window`, async () => {
      const { page, faults, close } = await openLab('/lab?view=experiments', { ...options, locale: 'es-UY' })
      await page.getByRole('heading', { name: 'Experimentos', level: 1 }).waitFor()
      assert.equal(await page.locator('html').getAttribute('lang'), 'es')
      await page.locator('#language').focus()
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Experiments', level: 1 }).waitFor()
      assert.equal(await focused(page), 'language')
      const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
      const light = await ground()
      await page.locator('#theme').press('Enter')
      assert.notEqual(await ground(), light)
      await page.reload()
      await page.getByRole('heading', { name: 'Experiments', level: 1 }).waitFor()
      assert.notEqual(await ground(), light)
      for (const path of [
        '/lab?part=cache',
        '/lab?view=experiments',
        `/lab?experiment=${EXPERIMENT}`,
        '/lab?view=runs',
      ]) {
        await page.goto(shop.url + path)
        await page.locator('h1').waitFor()
        assert.equal(await beyondWindow(page), 0, path)
      }
      assert.deepEqual(faults, [])
      await close()
    })

    test(`on a ${width}: an experiment is run from its button to its verdict, kept, compared and saved`, async () => {
      const { page, faults, close } = await openLab(`/lab?experiment=${EXPERIMENT}&${SETTINGS}`, options)
      const first = await runByKeyboard(page)
      await page.locator('#setting-buyers').fill('25')
      await page.locator('#setting-buyers').press('Tab')
      const second = await runByKeyboard(page)
      assert.notEqual(first, second)

      await page.getByRole('link', { name: 'See and compare this run' }).click()
      await page.locator('.verdict[data-holds="true"]').waitFor()
      const twin = page.locator('.figure details').first()
      await twin.locator('summary').click()
      await twin.locator('tbody tr').nth(1).waitFor()

      const json: Run = JSON.parse(await saved(page, 'JSON'))
      assert.equal(json.run_id, second)
      assert.equal(json.settings.buyers, 25)
      const picture = await saved(page, 'SVG')
      assert.match(picture, /^<svg [^>]*xmlns/)
      assert.ok(!picture.includes('class='), 'it carries its own styles')
      assert.equal((await saved(page, 'PNG', 'latin1')).slice(1, 4), 'PNG')

      await page.locator('#compare-with').selectOption(first)
      await page.getByRole('button', { name: 'Compare' }).click()
      await page.getByRole('heading', { name: 'Two runs compared' }).waitFor()
      await page.locator('#both').waitFor()
      assert.equal(await page.locator('.compared-run').count(), 2)
      assert.equal(await beyondWindow(page), 0)

      await page.goto(`${shop.url}/lab?view=runs`)
      const forgotten = page.locator('tr', { has: page.locator(`a[href$="${second}"]`) })
      await forgotten.getByRole('button', { name: /^Forget/ }).click()
      await forgotten.waitFor({ state: 'detached' })
      assert.equal(await page.locator(`a[href$="${first}"]`).count(), 1)
      assert.deepEqual(faults, [])
      await close()
    })
  }

  test('an address sets an experiment up, ready to be run, and back returns', async () => {
    const { page, faults, close } = await openLab('/lab?view=experiments')
    await page.getByRole('link', { name: 'The last ten units' }).click()
    const buyers = page.locator('#setting-buyers')
    await buyers.fill('42')
    await buyers.press('Tab')
    const address = page.url()
    assert.match(address, /experiment=oversell.*buyers=42/)
    await page.goBack()
    await page.getByRole('heading', { name: 'Experiments', level: 1 }).waitFor()
    await page.goForward()
    assert.equal(await buyers.inputValue(), '42')
    await page.goto('about:blank')
    await page.goto(`${address}#run`)
    await buyers.waitFor()
    assert.equal(await buyers.inputValue(), '42')
    assert.equal(await focused(page), 'run')
    await buyers.fill('100000')
    await page.locator('#run').click()
    assert.equal(await focused(page), 'setting-buyers', 'a wrong value is pointed at')
    assert.deepEqual(faults, [])
    await close()
  })

  test('a run is followed by a second page, and stopped', async () => {
    const { page, faults, close } = await openLab(`/lab?experiment=${EXPERIMENT}`)
    await page.locator('#run').click()
    await page.locator('#stop').waitFor()
    const other = await openLab('/lab?experiment=stampede')
    await other.page.locator('#run').click()
    await other.page.getByText('One experiment runs at a time').waitFor()
    await other.page.goto(`${shop.url}/lab?experiment=${EXPERIMENT}`)
    await other.page.locator('#stop').click()
    for (const each of [page, other.page]) await each.locator('.run-status', { hasText: 'Stopped after' }).waitFor()
    // 409 is what the browser calls a failed request.
    assert.deepEqual([...faults, ...other.faults.filter((fault) => !fault.includes('409'))], [])
    await other.close()
    await close()
  })

  /** @returns the id of the run that was kept */
  async function runByKeyboard(page: Page): Promise<string> {
    await page.locator('#run').focus()
    await page.keyboard.press('Enter')
    await page.locator('#run[aria-disabled="true"]').waitFor()
    await page.locator('.verdict[data-holds="true"]').waitFor()
    const kept = await page.getByRole('link', { name: 'See and compare this run' }).getAttribute('href')
    return new URL(kept ?? '', shop.url).searchParams.get('run') ?? ''
  }
})

async function saved(page: Page, format: string, encoding: BufferEncoding = 'utf8'): Promise<string> {
  const started = page.waitForEvent('download')
  await page.getByRole('button', { name: `Save as ${format}` }).click()
  const download = await started
  return readFileSync(await download.path(), encoding)
}

/** The id of what has the focus. */
const focused = (page: Page) => page.locator(':focus').getAttribute('id')

/** Pixels that the page is wider than the window. */
const beyondWindow = (page: Page) => page.evaluate('document.documentElement.scrollWidth - innerWidth')
