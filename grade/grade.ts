import { setTimeout as sleep } from 'node:timers/promises'
import { type Addresses, findAddresses, oneAddress } from './addresses.ts'
import { type Check, type Equipment, type Level, levels, type Need } from './check.ts'
import { checks as allChecks } from './checks/all-checks.ts'
import { type Client, openClient } from './client.ts'
import { type Exchange, exchange } from './exchange.ts'
import type { Options } from './options.ts'
import type { Text } from './text.ts'
import { Blocked, Breach } from './verdict.ts'

export interface Result {
  check: Check
  outcome: 'passed' | 'failed' | 'blocked' | 'skipped'
  earned: number
  /** What came instead, or why it could not be tried. */
  came?: Text
  history: Exchange[]
  ms: number
}

/** The checks that the options ask for. */
export function chooseChecks({ level, only }: Pick<Options, 'level' | 'only'>): Check[] {
  const wanted = levels.slice(0, levels.indexOf(level) + 1)
  return allChecks.filter(
    (check) => wanted.includes(check.level) && (only.length === 0 || only.some((start) => check.id.startsWith(start))),
  )
}

/**
 * Marks a target. The quick checks run one after the other, since they share its cache; then those that wait for a minute,
 * side by side; last those that kill something.
 * @param tell is given each result as it comes
 * @throws Error when the target does not answer at all
 */
export async function grade(options: Options, tell: (result: Result) => void): Promise<Result[]> {
  const { target, quota } = options
  const health = await exchange({ method: 'GET', url: `${target}/health`, headers: options.headers })
  if (health.status === 0) throw new Error(`${target} does not answer (${health.text})`)
  const addresses = options.addresses === 'one' ? oneAddress : await findAddresses(target)
  const client = openClient({ target, headers: options.headers, addresses, limited: quota !== undefined })
  const missing = whatIsMissing(options, addresses)
  const equipment = equip(options)

  const results = new Map<Check, Result>()
  const run = async (check: Check) => {
    const need = check.needs?.find((name) => missing[name])
    const result = need ? skipped(check, missing[need] as Text) : await carryOut(check, client, equipment)
    results.set(check, result)
    tell(result)
  }
  const chosen = chooseChecks(options)
  const phase = ({ needs = [] }: Check) =>
    needs.includes('database') ? 3 : needs.includes('kill-worker') ? 2 : needs.includes('slow') ? 1 : 0
  for (const now of [0, 1, 2, 3]) {
    const due = chosen.filter((check) => phase(check) === now)
    if (now === 1 && addresses.many) await Promise.all(due.map(run))
    else for (const check of due) await run(check)
  }
  await client.tidy()
  return chosen.flatMap((check) => results.get(check) ?? [])
}

async function carryOut(check: Check, client: Client, equipment: Equipment): Promise<Result> {
  const start = performance.now()
  const result = (outcome: Result['outcome'], more: Partial<Result> = {}): Result => ({
    check,
    outcome,
    earned: outcome === 'passed' ? check.points : 0,
    history: [],
    ms: Math.round(performance.now() - start),
    ...more,
  })
  try {
    await attempt(check, client, equipment)
    return result('passed')
  } catch (error) {
    if (error instanceof Breach) return result('failed', { came: error.came, history: error.history })
    if (error instanceof Blocked) return result('blocked', { came: error.came, history: error.history })
    // A command of the user's that fails, or an answer of a form that no check has thought of.
    const came = String(error)
    return result('blocked', { came: { en: came, es: came } })
  }
}

async function attempt(check: Check, client: Client, equipment: Equipment): Promise<void> {
  const times = check.confirm ? (check.needs?.includes('slow') ? 2 : 3) : 1
  for (let left = times - 1; ; left -= 1) {
    try {
      return await check.run(client, equipment)
    } catch (error) {
      if (left === 0 || !(error instanceof Breach)) throw error
      await sleep(2000)
    }
  }
}

const skipped = (check: Check, came: Text): Result => ({
  check,
  outcome: 'skipped',
  earned: 0,
  came,
  history: [],
  ms: 0,
})

/** Why a need is not met, for those that are not. */
function whatIsMissing(options: Options, addresses: Addresses): Partial<Record<Need, Text>> {
  const option = (given: unknown, name: string) => (given ? {} : { en: `needs ${name}`, es: `requiere ${name}` })
  const missing = {
    limit: options.quota === undefined && { en: 'the limit is off', es: 'el límite está apagado' },
    addresses: !addresses.many && { en: 'needs several source addresses', es: 'requiere varias direcciones de origen' },
    slow: option(options.slow, '--slow'),
    'kill-worker': option(options.killWorker, '--kill-worker'),
    database: option(options.database, '--stop-database, --start-database'),
    dashboard: option(options.dashboard, '--dashboard'),
  }
  return Object.fromEntries(Object.entries(missing).filter(([, text]) => text && 'en' in text))
}

/** What the checks are handed; what is missing is never called, since those who need it are skipped. */
function equip({ quota = 0, killWorker, database, dashboard = '' }: Options): Equipment {
  const nothing = async () => {}
  return {
    quota,
    killWorker: killWorker ?? nothing,
    stopDatabase: database?.stop ?? nothing,
    startDatabase: database?.start ?? nothing,
    dashboard,
  }
}

export interface Marks {
  earned: number
  possible: number
}

/** Points earned of those that could be: what was skipped counts on neither side. */
export function marksOf(results: Result[], level?: Level): Marks {
  const counted = results.filter(({ check, outcome }) => outcome !== 'skipped' && (!level || check.level === level))
  const sum = (points: (result: Result) => number) => counted.reduce((total, each) => total + points(each), 0)
  return { earned: sum(({ earned }) => earned), possible: sum(({ check }) => check.points) }
}

export const percentOf = ({ earned, possible }: Marks): number =>
  possible ? Math.floor((earned / possible) * 100) : 100

/** The highest level of which nothing is missing, nor of those below it. */
export function levelReached(results: Result[]): Level | undefined {
  const firstGap = levels.findIndex((level) => marksOf(results, level).earned < marksOf(results, level).possible)
  return firstGap === -1 ? levels.at(-1) : levels[firstGap - 1]
}
