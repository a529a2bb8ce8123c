import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { checks } from '../../grade/checks/all-checks.ts'
import { mutants } from '../../grade/mutants/all-mutants.ts'
import { checkTable } from '../../grade/mutants/tables.ts'
import { readText } from '../support/markdown.ts'
import { openShop, type TestShop } from '../support/shop.ts'

const folder = mkdtempSync(join(tmpdir(), 'grade-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const noCurl = spawnSync('curl', ['--version']).status === 0 ? undefined : 'no curl: apt-get install curl'

/** Runs a program to its end; the shop is in this process, and must answer meanwhile. */
function execute(program: string, args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) =>
    execFile(program, args, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    ),
  )
}

/** The command as a user runs it. */
const run = (...args: string[]) =>
  execute(process.execPath, [join(import.meta.dirname, '../../grade/grade.cli.ts'), ...args])

describe('npm run grade, on our shop', () => {
  let shop: TestShop
  before(async () => {
    shop = await openShop({ env: { RATE_LIMIT: '10/minute' } })
  })
  after(() => shop.close())
  const grade = (...args: string[]) => run('--target', shop.url, ...args)

  test('gives every point for contract, limit and documents, and again a moment later', async () => {
    for (const only of ['contract,limit,docs', 'limit']) {
      const { code, output } = await grade('--only', only)
      assert.equal(code, 0, output)
      assert.match(output, /^ok {7}4\/4 {2}limit\.refuses/m)
      assert.match(output, /^skipped {4}— {2}limit\.any-minute .*needs --slow/m)
      assert.match(output, /\(100 %\); level reached: production$/m)
    }
  })

  test('shows a breach as requests that can be sent again, in every report', { skip: noCurl }, async () => {
    const file = (name: string) => join(folder, name)
    const reports = ['--json', file('a.json'), '--junit', file('a.xml'), '--html', file('a.html')]
    // The limit is told wrongly: it admits more than that.
    const { code, output } = await grade(
      '--only',
      'limit.refuses,health.live',
      '--limit',
      '3/minute',
      '--lang',
      'es',
      ...reports,
    )
    assert.equal(code, 1, output)
    assert.match(output, /^FALLA {4}0\/4 {2}limit\.refuses/m)
    assert.match(output, /^ +llegó: 200 200 200 200 200$/m)

    const { marks, level, checks } = JSON.parse(readFileSync(file('a.json'), 'utf8'))
    assert.deepEqual([marks.earned, marks.possible, level], [1, 5, null])
    const failed = checks.find(({ id }: { id: string }) => id === 'limit.refuses')
    assert.equal(failed.history.length, 5)
    const again = await execute('bash', ['-c', failed.history[0].curl])
    assert.match(again.output, /^HTTP\/1.1 200 OK/m)

    const junit = readFileSync(file('a.xml'), 'utf8')
    assert.match(junit, /<testsuite name="seed" tests="2" failures="1" skipped="0">/)
    assert.match(junit, /<failure type="failed" message="200 200 200 200 200">/)
    const html = readFileSync(file('a.html'), 'utf8')
    assert.match(html, /<html lang="es">/)
    assert.match(html, /curl -i --interface 127\./)
  })

  test('--threshold decides on the exit code', async () => {
    const wrong = ['--only', 'limit.refuses,health.live', '--limit', '3/minute']
    assert.equal((await grade(...wrong, '--threshold', '20')).code, 0)
    assert.equal((await grade(...wrong, '--threshold', '21')).code, 1)
  })
})

test('what can not be graded ends with 2 and says why', async () => {
  const cases: [string[], RegExp][] = [
    [['--target', 'http://127.0.0.1:1'], /http:\/\/127\.0\.0\.1:1 does not answer/],
    [['--limit', '10'], /--limit: expected 10\/minute .* got 10/],
    [['--level', 'expert'], /--level: expected one of seed, solid, production, got expert/],
    [['--stop-database', 'true'], /expected both, got one/],
    [['--header', 'token'], /--header: expected NAME: VALUE, got token/],
    [['--nothing'], /Unknown option '--nothing'/],
  ]
  await Promise.all(
    cases.map(async ([args, message]) => {
      const { code, output } = await run(...args)
      assert.equal(code, 2, args.join(' '))
      assert.match(output, message)
    }),
  )
})

test('--list names every check of a level once, in Spanish, too', async () => {
  const { code, output } = await run('--list', '--lang', 'es', '--level', 'solid')
  assert.equal(code, 0)
  const expected = checks.filter(({ level }) => level !== 'production').map(({ id }) => id)
  const listed = output
    .trim()
    .split('\n')
    .map((line) => line.split(/ +/)[2] ?? '')
  assert.deepEqual(listed.sort(), expected.sort())
  assert.match(output, /Crea un producto con POST \/products\/: \S/)
})

test('--help shows every option', async () => {
  const { code, output } = await run('--help')
  assert.equal(code, 0)
  for (const option of ['target', 'kill-worker', 'addresses', 'threshold', 'html'])
    assert.match(output, new RegExp(`--${option}`))
})

test('every check but two is lost by some mutant: none is a check that can not fail', () => {
  // A shop that is never ready can't be opened to be graded; the dashboard is a process of its own.
  const lost = new Set(Object.values(mutants).flatMap(({ loses }) => loses))
  const never = checks.map(({ id }) => id).filter((id) => !lost.has(id))
  assert.deepEqual(never.sort(), ['health.ready', 'queue.dashboard'])
})

test('docs/grader.md has every check and its points, the marks of ours and the original, and what every mutant loses', () => {
  const text = readText('docs/grader.md')
  assert.ok(text.includes(checkTable()), 'npm run grade:marks writes the table of checks')
  assert.match(text, /^\| ours \| (\d+) of \1 \| (\d+) of \2 \| (\d+) of \3 \| (\d+) of \4 \| production \| {2}\|$/m)
  assert.match(text, /^\| original \| \d+ of \d+ \| \d+ of \d+ \| \d+ of \d+ \| \d+ of \d+ \| none \| `/m)
  const idsOf = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, id = '']) => id)
  const rows = (text.split('| lost | by |')[1] ?? '').split('<!-- end -->')[0]?.matchAll(/^\| (`.+) \| (`.+) \|$/gm)
  const lost = new Map([...(rows ?? [])].flatMap(([, ids, names]) => idsOf(names).map((name) => [name, idsOf(ids)])))
  assert.deepEqual([...lost.keys()].sort(), Object.keys(mutants).sort())
  for (const [name, { loses }] of Object.entries(mutants))
    assert.deepEqual(lost.get(name)?.sort(), [...loses].sort(), name)
})
