import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
const sources = globSync('src/**/*.ts', { cwd: root })

/** What a file imports: paths from the root for files, names for packages. Types count as well. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/(?:\bfrom |\bimport\(|^import )'([^']+)'/gm)].map(([, name = '']) =>
    name.startsWith('.') ? relative(root, join(root, dirname(file), name)) : name,
  )
}
const imports = new Map(sources.map((file) => [file, importsOf(file)]))

test('the shop imports nothing from outside of src/ but packages', () => {
  for (const [file, imported] of imports)
    for (const name of imported)
      if (name.includes('/') && existsSync(join(root, name)) && !name.startsWith('node_modules'))
        assert.match(name, /^src\//, `${file} imports ${name}`)
})

test('no file of src/ is in an import circle', () => {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    assert.ok(!path.includes(file), [...path, file].join(' → '))
    if (done.has(file)) return
    for (const next of imports.get(file) ?? []) if (imports.has(next)) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of sources) visit(file, [])
})

test('a pattern that has implementations for several stores imports no driver itself', () => {
  for (const file of [
    'cache/cache',
    'cache/cache-aside',
    'cache/memory-cache',
    'rate-limit/limiter',
    'rate-limit/memory-limiter',
  ])
    for (const name of imports.get(`src/patterns/${file}.ts`) ?? assert.fail(`there is no ${file}`))
      assert.doesNotMatch(name, /ioredis|bullmq|^pg$|kysely|src\/(redis|db)\//, file)
})

test('a file name occurs once in src/', () => {
  const names = sources.map((file) => basename(file))
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  )
})

test('nothing outside of test/ imports from it', () => {
  for (const file of globSync('{src,lab,naive,support,bench,chaos,grade,load,scripts}/**/*.ts', { cwd: root }))
    for (const name of importsOf(file)) assert.doesNotMatch(name, /^test\//, file)
})
