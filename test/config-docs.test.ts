import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labSettings } from '../lab/lab-settings.ts'
import { settings } from '../src/config.ts'
import { readText } from './support/markdown.ts'

const declared = Object.entries({ ...settings.properties, ...labSettings.properties }).map(([name, schema]) => {
  const { default: value, description = '' } = schema as { default?: string | number; description?: string }
  return { name, value: value === undefined ? undefined : String(value), description }
})

/** The rows of the table of settings: those that begin with a name in capitals. */
const rowsOf = (file: string) =>
  [...readText(file).matchAll(/^\| `([A-Z_]+)` \| (?:`(.*?)`)? ?\| (.*) \|$/gm)].map(
    ([, name = '', value, description = '']) => ({ name, value, description }),
  )

test('the table in docs/configuration.md has every setting with its default and its description, as src/config.ts declares them', () => {
  assert.deepEqual(rowsOf('docs/configuration.md'), declared)
})

test('the table in docs/configuration.es.md has every setting with its default', () => {
  const facts = (rows: { name: string; value: string | undefined }[]) => rows.map(({ name, value }) => [name, value])
  const rows = rowsOf('docs/configuration.es.md')
  assert.deepEqual(facts(rows), facts(declared))
  for (const { name, description } of rows) assert.ok(description.length > 10, `${name} is not described`)
})

test('.env.example has every setting, out-commented, with its description and its default or an example', () => {
  const lines = readText('.env.example').split('\n')
  for (const { name, value, description } of declared) {
    const at = lines.findIndex((line) => line.startsWith(`# ${name}=`))
    assert.ok(at > 0, `${name} is missing`)
    assert.equal(lines[at - 1], `# ${description}${value === undefined ? ' (no default)' : ''}`)
    const given = lines[at]?.slice(`# ${name}=`.length)
    if (value === undefined) assert.ok(given, `${name} has no example`)
    else assert.equal(given, value)
  }
  const names = lines.flatMap((line) => /^#? ?([A-Z_]+)=/.exec(line)?.[1] ?? [])
  assert.deepEqual(
    names,
    declared.map(({ name }) => name),
  )
})
