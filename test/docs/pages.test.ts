import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { levels } from '../../grade/check.ts'
import { checks } from '../../grade/checks/all-checks.ts'
import { chooseChecks } from '../../grade/grade.ts'
import { readOptions } from '../../grade/options.ts'
import { catalogue } from '../../lab/experiments/catalogue.ts'
import { findRunnable } from '../../lab/experiments/runnable.ts'
import { printRun } from '../../lab/report.ts'
import { completeSettings } from '../../lab/settings.ts'
import { copyData } from '../../support/servers.ts'
import { type ShopProcess, spawnShop } from '../../support/shop-process.ts'
import { readSections, readText, withoutComments } from '../support/markdown.ts'
import { experimentOf, inSpanish, linksOf, pages, runOf, serverOf, solutionOf, wakeDatabase } from '../support/pages.ts'
import { noTools, steady, typeIn } from '../support/terminal.ts'

const everyPage = pages.flatMap((page) => [page, inSpanish(page)])
const lineBreaks = (text: string) => text.split('\n').length

test('a Spanish page has the sections, commands, outputs and solutions of the English one, and its links', () => {
  const outline = (page: string) =>
    readSections(page).map(({ level, blocks, solution }) => ({
      level,
      solution,
      blocks: blocks.map(({ info, code, output }) => ({
        info,
        // A drawing has words in it; the grader is asked for its report in the reader's language.
        code: info === 'text' ? lineBreaks(code) : withoutComments(code).replaceAll(' --lang es', ''),
        output: experimentOf(code) ? 'held below' : output,
      })),
    }))
  const targets = (page: string) => linksOf(page).map(({ target }) => target.replace('.es.md', '.md').split('#')[0])
  for (const page of pages) {
    assert.deepEqual(outline(inSpanish(page)), outline(page), page)
    assert.deepEqual(targets(inSpanish(page)).sort(), targets(page).sort(), page)
  }
})

for (const page of everyPage) {
  describe(page, () => {
    test('what it links to is there, and exports what the link names', () => {
      for (const { text, target } of linksOf(page)) {
        if (target.startsWith('http')) continue
        const [path = '', anchor] = join(dirname(page), target).split('#')
        assert.ok(existsSync(path), `${page}: ${path}`)
        if (anchor)
          assert.ok(
            readSections(path).some(({ heading }) => slugOf(heading) === anchor),
            `${path}#${anchor}`,
          )
        for (const [, name] of path.endsWith('.ts') ? text.matchAll(/`(\w+)`/g) : [])
          assert.match(
            readText(path),
            new RegExp(`^export (async )?(function|const|class|interface|type) ${name}\\b`, 'm'),
          )
      }
    })

    test('the checks it names are in the grader, and the experiments in the lab', () => {
      const text = readText(page)
      const ids = checks.map(({ id }) => id)
      const groups = new Set(ids.map((id) => id.split('.')[0]))
      for (const [, id = '', group = ''] of text.matchAll(/`((\w+)\.[a-z-]+)`/g))
        if (groups.has(group) && !/\.(ts|md)$/.test(id)) assert.ok(ids.includes(id), id)
      for (const [, args = ''] of text.matchAll(/npm run grade -- ([^`\n]*(?:\\\n[^`\n]*)*)/g))
        assert.notDeepEqual(chooseChecks(readOptions(argumentsOf(args))), [], args)
      for (const [, id, query] of text.matchAll(/\/lab\?experiment=([\w-]+)((?:&\w+=\w+)*)/g))
        assertRuns(id, query ?? '')
      for (const [, id, sets] of text.matchAll(/npm run lab -- --experiment ([\w-]+)((?: --set \w+=\w+)*)/g))
        assertRuns(id, (sets ?? '').replaceAll(' --set ', '&'))
    })
  })
}

test('the report of an experiment is what the lab prints for its figures, in both languages, and its hypothesis held', () => {
  const reports = (page: string) =>
    readSections(page).flatMap(({ blocks }) => blocks.filter(({ code }) => experimentOf(code)))
  const shown = pages.flatMap((page) => {
    const spanish = reports(inSpanish(page))
    return reports(page).map(({ code, output = '' }, index) => ({
      code,
      output,
      spanish: spanish[index]?.output ?? '',
    }))
  })
  assert.ok(shown.length >= 7)
  for (const { code, output, spanish } of shown) {
    const runnable = findRunnable(experimentOf(code) ?? '')
    assert.ok(runnable, code)
    const run = runOf(output, runnable)
    assert.equal(run.verdict?.holds, true, code)
    assert.equal(output, shortened(printRun(run, runnable.about, 'en')))
    assert.equal(spanish, shortened(printRun(run, runnable.about, 'es')))
  }
})

test("the teacher's table of points is the grader's", () => {
  for (const page of ['docs/teaching.md', 'docs/teaching.es.md']) {
    const rows = [...readText(page).matchAll(/^\| `([a-z`, .-]+)` \| (\d+) \| (\d+) \| (\d+) \|/gm)]
    assert.ok(rows.length >= 4, `${page} has a row for each session`)
    for (const [, only = '', ...points] of rows) {
      const chosen = chooseChecks({ level: 'production', only: only.replaceAll(/[` ]/g, '').split(',') })
      const sums = levels.map((level) =>
        chosen.filter((check) => check.level === level).reduce((sum, check) => sum + check.points, 0),
      )
      assert.deepEqual(points.map(Number), sums, `${page}: ${only}`)
    }
  }
})

/** Sections with quick commands, by the settings of the shop that they ask for. The Spanish ones have the same. */
const quick = Map.groupBy(
  pages
    .flatMap((page) => readSections(page).map((section) => ({ page, ...section })))
    .filter(({ blocks }) => blocks.some(({ info }) => info === 'bash')),
  (section) => JSON.stringify(serverOf(section)?.env ?? {}),
)

describe('the commands of the pages print what they show', { skip: noTools, concurrency: true }, () => {
  for (const [env, sections] of quick) {
    describe(`with ${env}`, { concurrency: 1 }, () => {
      let DATA_DIR = ''
      let shop: ShopProcess
      before(async () => {
        DATA_DIR = mkdtempSync(join(tmpdir(), 'pages-'))
        await copyData(DATA_DIR)
        shop = await spawnShop(
          'all',
          { DATA_DIR, RATE_LIMIT: '10/minute', REQUEST_TIMEOUT: '5000', ...JSON.parse(env) },
          'lab/start.ts',
        )
      })
      after(async () => {
        await shop?.end('SIGTERM')
        rmSync(DATA_DIR, { recursive: true, force: true, maxRetries: 5 })
      })

      for (const { page, heading, blocks } of sections) {
        const commands = blocks.filter(({ info }) => info === 'bash')
        test(`${page}: ${heading}`, async () => {
          const printed = await typeIn(
            commands.map(({ code }) => code),
            { env: { BASE: shop.url, DATA_DIR } },
          )
          wakeDatabase(DATA_DIR)
          for (const [index, { output = '' }] of commands.entries())
            assert.equal(steady(printed[index] ?? ''), steady(output))
        })
      }
    })
  }
})

test('nothing in a page is left to be believed', () => {
  for (const page of pages)
    for (const section of readSections(page)) {
      for (const { info } of section.blocks)
        assert.match(info, /^(text|bash|bash slow|bash server)$/, `${page}: a block of a kind that a test knows`)
      if (section.blocks.some(({ info }) => info === 'bash')) {
        const server = serverOf(section)
        assert.ok(
          server && !server.naive,
          `${page}: commands that print something are for our own shop, and say how it starts`,
        )
      }
      if (solutionOf(section))
        assert.ok(
          section.blocks.some(({ info }) => info === 'bash slow'),
          'a solution is graded',
        )
    }
})

/** The words of a command line, as far as pages need: variables have their defaults, quotes hold a word together. */
function argumentsOf(line: string): string[] {
  const words = line.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1').match(/(?:"[^"]*"|[^\s\\])+/g) ?? []
  return words.map((word) => word.replaceAll('"', ''))
}

function assertRuns(id: string | undefined, settings: string): void {
  const experiment = catalogue.find((known) => known.id === id)
  assert.ok(experiment, `there is no experiment ${id}`)
  const values = [...settings.matchAll(/&(\w+)=(\w+)/g)].map(([, name = '', value = '']) => [
    name,
    /^\d+$/.test(value) ? Number(value) : value,
  ])
  completeSettings(experiment, Object.fromEntries(values))
}

/** A report as a page shows it: of the verdict the first sentence and the time, since the figures stand above it. */
const shortened = (report: string): string => `${report.replace(/^(\p{L}[^.]+\.) .* (\(\S+ s\))$/mu, '$1 … $2')}\n`

/** The anchor that GitHub gives a heading. */
const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')
