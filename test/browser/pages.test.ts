import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import type { Browser } from 'playwright-core'
import { send } from '../../support/http.ts'
import { noBrowser, openBrowser, openPage } from '../support/browser.ts'
import { settled } from '../support/order-client.ts'
import { openShop, type TestShop } from '../support/shop.ts'

describe('in a real browser', { skip: noBrowser }, () => {
  let shop: TestShop
  let browser: Browser
  before(async () => {
    ;[shop, browser] = await Promise.all([openShop({ env: { JOB_ATTEMPTS: '1' } }), openBrowser()])
  })
  after(() => Promise.all([browser.close(), shop.close()]))

  test('/docs lists the routes and sends a request that is answered', async () => {
    const { page, faults, close } = await openPage(browser, `${shop.url}/docs`)
    const operation = page.locator('.opblock', { hasText: 'The catalogue' }).first()
    await operation.locator('.opblock-summary').click()
    await operation.getByRole('button', { name: 'Execute' }).click()
    const body = operation.locator('.live-responses-table .highlight-code, .live-responses-table .microlight').first()
    await body.waitFor()
    assert.match((await body.textContent()) ?? '', /"from_cache"/)
    assert.deepEqual(faults, [])
    await close()
  })

  test('the dashboard shows a failed order, and a click retries it', async () => {
    const sql = new pg.Client({ connectionString: shop.postgres.url })
    await sql.connect()
    await sql.query('alter table orders add constraint planted check (total <> 66.6)')
    const { id } = (await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })).json
    const accepted = await send(`${shop.url}/orders/`, { body: { customer_id: id, total: 66.6 } })
    assert.equal((await settled(shop.url, accepted)).status, 'failed')
    await sql.query('alter table orders drop constraint planted')
    await sql.end()

    const { page, faults, close } = await openPage(browser, `${shop.urls.dashboard}/queue/default?status=failed`)
    await page.getByText(accepted.json.job_id).first().waitFor()
    const retried = page.waitForResponse((response) => response.url().includes('/retry'))
    await page.locator('button[title="Retry"], button[aria-label="Retry"], button:has-text("Retry")').first().click()
    await page.getByRole('button', { name: /confirm/i }).click()
    assert.equal((await retried).status(), 200)
    const job = await settled(shop.url, accepted)
    assert.equal(job.status, 'succeeded')
    assert.deepEqual(faults, [])
    await close()
  })
})
