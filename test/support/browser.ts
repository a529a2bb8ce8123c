import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

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
