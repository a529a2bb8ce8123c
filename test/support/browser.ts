import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page, type Request } from 'playwright-core'
import { PATIENCE_MS } from '../../support/until.ts'

const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

/** Why there is no browser to test with, or undefined. */
export const noBrowser = executablePath
  ? undefined
  : 'no Chromium: apt-get install chromium, or set CHROMIUM to its path'
if (noBrowser && process.env.CI) throw new Error(`in CI nothing is skipped, and there is ${noBrowser}`)

/** A headless browser that asks nobody but the page it is sent to. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(executablePath && { executablePath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
    ],
  })
}

/** What a browser keeps of the lab's tour, so that it does not come again. */
export const tourSeen = (origin: string) => ({
  cookies: [],
  origins: [{ origin, localStorage: [{ name: 'lab.tour', value: 'seen' }] }],
})

export interface WatchedPage {
  page: Page
  /** What went wrong in it: errors, requests that failed, and answers from another origin. */
  faults: string[]
  close(): Promise<void>
}

/** A page in a session of its own, which reports what it could not load and what went wrong in it. */
export async function openPage(browser: Browser, url: string, options?: BrowserContextOptions): Promise<WatchedPage> {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  const outside = (request: Request) => !/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin
  const { origin } = new URL(url)
  page.on('requestfinished', (request) => outside(request) && faults.push(`asked ${request.url()}`))
  page.on('requestfailed', (request) => {
    const error = request.failure()?.errorText ?? ''
    // Aborted is what was still to come when the page was left.
    if (error !== 'csp' && error !== 'net::ERR_ABORTED') faults.push(`${error} ${request.url()}`)
  })
  await page.goto(url)
  return { page, faults, close: () => context.close() }
}
