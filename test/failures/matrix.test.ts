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
const proofs = rowsBelow('what fails').flatMap(([failure = '', cell = '']) =>
  cell.split('; ').map((proof) => {
    const [, file = '', pattern = '', proven = 'all'] = /^`(.+?)` \*(.+?)\*(?: \((.+)\))?$/.exec(proof) ?? []
    return { failure, file: `test/${file}`, pattern, cells: cellsOf(proven) }
  }),
)

/** The cells that are meant by `reads, writes`, `all` or `all but reads`. */
function cellsOf(text: string): string[] {
  const named = text
    .replace(/^all(?: but )?/, '')
    .split(', ')
    .filter((cell) => cell !== '')
  for (const cell of named) assert.ok(columns.includes(cell), cell)
  return text.startsWith('all') ? columns.filter((column) => !named.includes(column)) : named
}

/** Whether a file has a test with this in its name, be it that a title begins with a name from a list: `${name}: …`. */
function hasTest(file: string, pattern: string): boolean {
  const text = readText(file)
  const titles = [...text.matchAll(/\btest\(\s*(['`])((?:\\.|(?!\1).)*)\1/gs)].map(([, , title = '']) => title)
  const listed = new RegExp(`^\\s*[[{]?\\s*'?${RegExp.escape(pattern)}'?[:,(]`, 'm')
  return titles.some((title) => title.includes(pattern) || (title.startsWith('${') && listed.test(text)))
}

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

  test('every test that it names exists', () => {
    for (const { failure, file, pattern } of proofs) {
      assert.ok(hasTest(file, pattern), `${file} has no test "${pattern}"`)
      assert.ok(failures.includes(failure), failure)
    }
  })
})
