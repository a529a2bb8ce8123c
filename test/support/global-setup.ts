import { rmSync } from 'node:fs'
import { createTemplate } from './servers.ts'

let template: string | undefined

/** Once for the whole run: the data folder that every test's PostgreSQL is a copy of. */
export async function globalSetup(): Promise<void> {
  template = await createTemplate()
}

export async function globalTeardown(): Promise<void> {
  if (template) rmSync(template, { recursive: true, force: true })
}
