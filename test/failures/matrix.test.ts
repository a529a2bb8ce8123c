import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readText } from '../support/markdown.ts'

const columns = ['reads', 'writes', 'order intake', 'status', 'processing', 'limiter', 'health']

/** The rows of every table whose heading is this one, each as its cells. */
function rowsBelow(heading: string): string[][] {
  const tables = readText('docs/failures.md').split(/^\| (?=.*\n\| ---)/m)
  return tables
    .filter((table) => table.startsWith(heading))
    .flatMap((table) => table.split('\n').slice(2))
    .flatMap((line) => (line.startsWith('| ') ? [line.slice(2, -2).split(' | ')] : []))
}

const failures = rowsBelow('| catalogue reads').map(([name = '']) => name)
const proofs = rowsBelow('what fails').map(([failure = '', cells = '', proof = '']) => {
  const [, file = '', title = ''] = /^`(.+?)`: `(.+)`$/.exec(proof) ?? []
  return { failure, cells: cells === 'all' ? columns : cells.split(', '), file, title }
})

/** The titles of a file's tests; what is put into one when it runs may be anything. */
const titlesOf = (file: string) =>
  [...readText(file).matchAll(/\btest\(\s*(['`])((?:\\.|(?!\1).)*)\1/gs)].map(([, , title = '']) => {
    const parts = title.split(/\$\{[^}]*\}/).map((part) => RegExp.escape(part))
    return new RegExp(`^${parts.join('.+')}$`)
  })

describe('docs/failures.md', () => {
  test('every cell of its tables has a test', () => {
    assert.ok(failures.length > 20)
    for (const failure of failures) {
      const proven = proofs.filter((proof) => proof.failure === failure).flatMap(({ cells }) => cells)
      assert.deepEqual(
        columns.filter((column) => !proven.includes(column)),
        [],
        failure,
      )
    }
  })

  test('every test that it names exists, and every cell, too', () => {
    for (const { failure, cells, file, title } of proofs) {
      assert.ok(
        titlesOf(file).some((known) => known.test(title)),
        `${file} has no test "${title}"`,
      )
      assert.ok(failures.includes(failure), failure)
      for (const cell of cells) assert.ok(columns.includes(cell), cell)
    }
  })
})
