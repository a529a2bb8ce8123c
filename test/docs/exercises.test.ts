import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Run } from '../../lab/protocol/run-schema.ts'
import { end } from '../../support/end.ts'
import { ownPort } from '../../support/own-port.ts'
import { until } from '../../support/until.ts'
import { readSections, readText, type Section } from '../support/markdown.ts'
import {
  applied,
  type Change,
  experimentOf,
  pages,
  type Serve,
  serverOf,
  solutionOf,
  wakeDatabase,
} from '../support/pages.ts'
import { noTools, steady, typeIn } from '../support/terminal.ts'

// The exercises of docs/patterns and docs/teaching.md: what is to be mended fails, and is mended by its solution. The quick
// commands of the same pages, their links and their reports are in test/docs/pages.test.ts.
const root = join(import.meta.dirname, '../..')

const exercises = pages
  .flatMap((page) => readSections(page).map((section) => ({ name: `${page}: ${section.heading}`, ...section })))
  .filter((section) => slow(section).length > 0)
const waits = (section: Section) => slow(section).some(({ code }) => code.includes('--slow'))

describe('the exercises of the pages', { skip: noTools, concurrency: 2 }, () => {
  describe('one after the other', { concurrency: 1 }, () => {
    for (const exercise of exercises.filter((each) => !waits(each))) test(exercise.name, () => check(exercise))
  })
  describe('those in which the grader mostly waits, beside them', { concurrency: true }, () => {
    for (const exercise of exercises.filter(waits)) test(exercise.name, () => check(exercise))
  })
})

// The experiments as they are run in test/lab; the pages ask for some with other settings, and say of one what comes out.
describe('the experiments with settings of the pages', { skip: noTools, concurrency: 1 }, () => {
  const asked = /npm run lab -- (--experiment [\w-]+(?: --set \w+=\w+)+)/g
  for (const args of new Set(
    pages.flatMap((page) => [...readText(page).matchAll(asked)].map(([, found = '']) => found)),
  )) {
    test(args, async () => {
      const [json = ''] = await typeIn([`npm run -s lab -- ${args} --json`], { env: {}, cwd: root })
      const { state, variants } = JSON.parse(json) as Run
      assert.equal(state, 'done', json)
      if (!args.endsWith('concurrency=1')) return
      for (const { figures } of variants) assert.equal(figures.oversold, 0, 'one order at a time sells what is there')
    })
  }
})

async function check(section: Section): Promise<void> {
  const solution = solutionOf(section)
  const server = serverOf(section)
  if (!solution) return run(section, server, root, 0)
  // A naive shop fails until it is mended; an exercise that breaks ours ends the other way round.
  const mends = server?.naive !== undefined
  const changed = mkdtempSync(join(tmpdir(), 'pages-solved-'))
  try {
    copyWith(solution, changed)
    const both = [run(section, server, root, mends ? 1 : 0), run(section, server, changed, mends ? 0 : 1)]
    for (const ended of await Promise.allSettled(both)) if (ended.status === 'rejected') throw ended.reason
  } finally {
    rmSync(changed, { recursive: true, force: true })
  }
}

/** Types the slow commands in; they have to end with this code, and print what is shown. */
async function run(section: Section, server: Serve | undefined, folder: string, code: number): Promise<void> {
  const served = server && (await serve(server, folder))
  try {
    for (const { code: command, output } of slow(section)) {
      const typed = [`${command}\ncode=$?`, 'echo $code']
      const [printed = '', ended] = await typeIn(typed, { env: served?.env ?? {}, cwd: root })
      assert.equal(Number(ended), code, printed)
      if (output) assert.equal(steady(printed), steady(output))
    }
  } finally {
    await served?.stop()
  }
}

function slow({ blocks }: Section): Section['blocks'] {
  return blocks.filter(({ info, code }) => info === 'bash slow' && !experimentOf(code))
}

/** Starts what a page says to start, from a folder, on ports and data of its own; gives what its commands need to know. */
async function serve({ env, naive }: Serve, folder: string) {
  const data = mkdtempSync(join(tmpdir(), 'pages-'))
  const url = `http://127.0.0.1:${await ownPort()}`
  const all = {
    PATH: process.env.PATH,
    PORT: new URL(url).port,
    DASHBOARD_PORT: String(await ownPort()),
    DATA_DIR: data,
  }
  const args = naive ? ['scripts/naive.ts', naive] : ['lab/start.ts']
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...all, LOG_LEVEL: 'error', ...env },
    stdio: 'inherit',
  })
  const stop = async () => {
    wakeDatabase(data)
    await end(child, 'SIGTERM')
    rmSync(data, { recursive: true, force: true, maxRetries: 5 })
  }
  await until(async () => (await fetch(`${url}/health/ready`)).ok || child.exitCode !== null).catch(async (error) => {
    await stop()
    throw error
  })
  return { env: { BASE: url, NAIVE: url, DATA_DIR: data }, stop }
}

/** The sources with a solution in them, as a student would have them; it has to pass the types, too. */
function copyWith(change: Change, folder: string): void {
  for (const part of ['src', 'lab', 'naive', 'support', 'scripts', 'package.json', 'tsconfig.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const file = join(folder, change.file)
  writeFileSync(file, applied(readFileSync(file, 'utf8'), change))
  const { status, stdout } = spawnSync('tsc', ['--noEmit'], { cwd: folder, encoding: 'utf8' })
  assert.equal(status, 0, stdout)
}
