import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Runnable } from '../../lab/experiment.ts'
import type { Run } from '../../lab/protocol/run-schema.ts'
import { completeSettings } from '../../lab/settings.ts'
import { readText, type Section } from './markdown.ts'

/** The pages to learn from, in English; each has a Spanish one beside it. */
export const pages: string[] = [
  ...readdirSync(join(import.meta.dirname, '../../docs/patterns'))
    .filter((name) => name.endsWith('.md') && !name.endsWith('.es.md'))
    .map((name) => `docs/patterns/${name}`),
  'docs/teaching.md',
]

export const inSpanish = (page: string): string => page.replace(/\.md$/, '.es.md')

/** A command that runs until it is stopped, from a block `bash server`: the settings before it, and the naive part. */
export interface Serve {
  env: Record<string, string>
  naive?: string
}

/** The server that a section's commands are meant for. @throws when it is not one that a page may name */
export function serverOf({ blocks }: Section): Serve | undefined {
  const command = blocks.find(({ info }) => info === 'bash server')?.code.trim()
  if (command === undefined) return undefined
  const [, settings = '', naive] = /^((?:[A-Z_]+=\S+ )*)npm (?:start|run naive -- (\S+))$/.exec(command) ?? []
  if (!/npm start$/.test(command) && !naive) throw new Error(`a page may start the shop or a naive one, not ${command}`)
  const env = Object.fromEntries(settings.split(' ').flatMap((setting) => (setting ? [setting.split('=')] : [])))
  return { env, ...(naive && { naive }) }
}

/** Lets an embedded database go on that a page's commands have frozen, should they not have come to it themselves. */
export function wakeDatabase(dataDir: string): void {
  const file = join(dataDir, 'postgres/postmaster.pid')
  if (existsSync(file)) spawnSync('bash', ['-c', `PM=$(head -1 ${file}); kill -CONT $PM $(pgrep -P $PM)`])
}

/** What a solution changes in a file: each hunk becomes its other text. */
export interface Change {
  file: string
  hunks: { before: string; after: string }[]
}

/** The solution of a section: `--- FILE`, then lines as in a diff, hunks parted by `@@`. */
export function solutionOf({ solution }: Section): Change | undefined {
  if (!solution) return undefined
  const [, file = '', changes = ''] = /^--- (\S+)\n([\s\S]*)$/.exec(readText(solution)) ?? []
  const side = (hunk: string, left: '-' | '+') =>
    hunk
      .split('\n')
      .filter((line) => line.startsWith(left) || line.startsWith(' '))
      .map((line) => `${line.slice(1)}\n`)
      .join('')
  const hunks = changes.split(/^@@\n/m).map((hunk) => ({ before: side(hunk, '-'), after: side(hunk, '+') }))
  return { file, hunks }
}

/** Carries a change out. @throws when the file has not what the change begins from, or has it twice */
export function applied(text: string, { file, hunks }: Change): string {
  return hunks.reduce((changed, { before, after }) => {
    const parts = changed.split(before)
    if (before === '' || parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times:\n${before}`)
    return parts.join(after)
  }, text)
}

/** The experiment that a command runs as it is, with no setting changed. */
export const experimentOf = (command: string): string | undefined =>
  /^npm run lab -- --experiment ([\w-]+)(?: --lang es)?\n$/.exec(command)?.[1]

/** The run that a report shown in a page is of: its figures, and what the experiment judges them to mean. */
export function runOf(report: string, { about, judge }: Runnable): Run {
  const rows = report.split('\n').slice(1, 1 + about.figures.length)
  const cells = rows.map((row) => row.split(/ {2,}/).slice(1).map(Number))
  const variants = about.variants.map((variant, column) => ({
    ...{ id: variant.id, protected: variant.protected, series: [], timeline: [] },
    figures: Object.fromEntries(about.figures.map(({ id }, row) => [id, cells[row]?.[column] ?? Number.NaN])),
  }))
  const settings = completeSettings(about)
  const { holds, text } = judge(Object.fromEntries(variants.map(({ id, figures }) => [id, figures])), settings)
  const seconds = Number(/\((\S+) s\)\n$/.exec(report)?.[1])
  const known = { run_id: '', experiment: about.id, settings, started_at: '', seconds, state: 'done' as const }
  return { ...known, variants, verdict: { holds, text, compared: [] } }
}

/** Where a page's links lead, and what they are called. */
export function linksOf(page: string): { text: string; target: string }[] {
  const prose = readText(page).replaceAll(/^```[\s\S]*?^```$/gm, '')
  const links = [...prose.matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)].map(([, text = '', target = '']) => ({
    text,
    target,
  }))
  const bare = [...prose.matchAll(/<(http[^>]*)>/g)].map(([, target = '']) => ({ text: '', target }))
  return [...links, ...bare]
}
