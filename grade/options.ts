import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { type Level, levels } from './check.ts'
import { type Language, languages } from './text.ts'

export interface Options {
  /** Base URL, without a slash at its end. */
  target: string
  /** Requests a minute that the target grants a client on an endpoint; undefined: it has no limit. */
  quota: number | undefined
  /** Sent with every request, as for a target that wants a token. */
  headers: Record<string, string>
  /** Checks up to this level. */
  level: Level
  /** Checks whose id starts with one of these; all when empty. */
  only: string[]
  /** The checks that take a minute, too. */
  slow: boolean
  addresses: 'auto' | 'one'
  killWorker: (() => Promise<void>) | undefined
  database: { stop(): Promise<void>; start(): Promise<void> } | undefined
  dashboard: string | undefined
}

export interface CommandLine extends Options {
  list: boolean
  lang: Language
  /** Percent of the points that must be earned for exit code 0. */
  threshold: number
  reports: { json?: string | undefined; junit?: string | undefined; html?: string | undefined }
}

export const usage = `npm run grade -- --target http://localhost:8000 [options]
  --limit 10/minute         the target's limit for one client and endpoint; off skips the checks of the limit
  --slow                    also the checks that wait for a minute; they run side by side, 70 s in all
  --kill-worker CMD         a shell command that kills the worker and starts another
  --stop-database CMD       shell commands that stop the database
  --start-database CMD      and start it again
  --dashboard URL           where the queue's dashboard is
  --header 'NAME: VALUE'    sent with every request; may be repeated
  --addresses one           all requests come from one address, as through Docker or a proxy
  --level production        checks up to seed, solid or production
  --only cache,limit.forged checks whose id starts with one of these
  --list                    every check: level, points, what it does and expects; asks the target nothing
  --lang en|es              language of the report
  --threshold 100           percent of the points for exit code 0
  --json, --junit, --html FILE    reports beside the text
Exit code: 0 the threshold is reached, 1 it is not, 2 the target could not be graded.`

/** Reads the command line. @throws TypeError that names what was expected and what came */
export function readOptions(args: string[]): CommandLine {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args,
    options: {
      target: { ...text, default: 'http://localhost:8080' },
      limit: { ...text, default: '10/minute' },
      header: { ...text, multiple: true, default: [] },
      level: { ...text, default: 'production' },
      only: text,
      slow: flag,
      list: flag,
      addresses: { ...text, default: 'auto' },
      'kill-worker': text,
      'stop-database': text,
      'start-database': text,
      dashboard: text,
      lang: { ...text, default: 'en' },
      threshold: { ...text, default: '100' },
      json: text,
      junit: text,
      html: text,
    },
  })
  const oneOf = <T extends string>(name: 'level' | 'lang' | 'addresses', allowed: readonly T[]): T => {
    const found = allowed.find((value) => value === values[name])
    if (!found) throw new TypeError(`--${name}: expected one of ${allowed.join(', ')}, got ${values[name]}`)
    return found
  }
  const { 'kill-worker': kill, 'stop-database': stop, 'start-database': start } = values
  if ((stop === undefined) !== (start === undefined))
    throw new TypeError('--stop-database and --start-database: expected both, got one')
  const threshold = Number(values.threshold)
  if (!(threshold >= 0 && threshold <= 100))
    throw new TypeError(`--threshold: expected a number from 0 to 100, got ${values.threshold}`)
  if (!/^https?:\/\/[^/]/.test(values.target))
    throw new TypeError(`--target: expected a URL such as http://localhost:8000, got ${values.target}`)
  return {
    target: values.target.replace(/\/+$/, ''),
    quota: readQuota(values.limit),
    headers: Object.fromEntries(values.header.map(readHeader)),
    level: oneOf('level', levels),
    only: values.only?.split(',') ?? [],
    slow: values.slow,
    list: values.list,
    addresses: oneOf('addresses', ['auto', 'one']),
    killWorker: kill === undefined ? undefined : () => shell(kill),
    database:
      stop !== undefined && start !== undefined ? { stop: () => shell(stop), start: () => shell(start) } : undefined,
    dashboard: values.dashboard,
    lang: oneOf('lang', languages),
    threshold,
    reports: { json: values.json, junit: values.junit, html: values.html },
  }
}

function readQuota(limit: string): number | undefined {
  if (limit === 'off') return undefined
  const [, quota] = /^([1-9]\d{0,2})\/minute$/.exec(limit) ?? []
  if (!quota) throw new TypeError(`--limit: expected 10/minute (or another number) or off, got ${limit}`)
  return Number(quota)
}

function readHeader(header: string): [string, string] {
  const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(header) ?? []
  if (!name) throw new TypeError(`--header: expected NAME: VALUE, got ${header}`)
  return [name.toLowerCase(), value ?? '']
}

/** Runs a command of the user's to its end. @throws Error when it fails */
async function shell(command: string): Promise<void> {
  const child = spawn(command, { shell: true, stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`the command ended with ${code}: ${command}`)
}
