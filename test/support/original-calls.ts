import assert from 'node:assert/strict'
import type { Answer } from '../../support/http.ts'
import { readText } from './markdown.ts'

/** The calls of the original's load script: what it reads, and what it creates. */
export const reads = ['/health', '/', '/whoami', '/products/', '/customers/', '/orders/']
export const creations = {
  '/customers/': { name: 'Test Customer', email: 'test@example.com', phone: '+1234567890' },
  '/products/': { name: 'Product', price: 42, description: 'Test product' },
}

/** The rows of ADR 7: what is called, the original's answer, and ours. */
const rows = readText('docs/adr/0007-original-answers.md')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.replaceAll('`', '').split(' | '))

/** Holds that an answer has the status and the fields that ADR 7 gives for `what`; of a list, its first entry has. */
export function assertTold(by: 'original' | 'ours', what: string, { status, json }: Answer): void {
  const row = rows.find(([first]) => first === `| ${what}`)
  const [, code, bracket, fields = ''] = /^(\d+)(?: (\[)?\{(.*?)\})?/.exec(row?.[by === 'ours' ? 2 : 1] ?? '') ?? []
  assert.equal(`${status}`, code, what)
  if (!fields) return
  assert.equal(Array.isArray(json), bracket !== undefined, what)
  assert.deepEqual(Object.keys(bracket ? json[0] : json).sort(), fields.split(', ').sort(), what)
}
