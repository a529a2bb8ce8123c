import { type Check, levels } from '../check.ts'
import { checks } from '../checks/all-checks.ts'
import { levelReached, marksOf, type Result } from '../grade.ts'
import { mutants } from './all-mutants.ts'

// The tables of docs/grader.md, in Markdown.

type Row = (string | number)[]

const table = (head: Row, rows: Row[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const codes = (names: string[]): string => names.map((name) => `\`${name}\``).join(', ')

/** The checks whose points were lost. */
export function lostBy(results: Result[]): string[] {
  return results.filter(({ outcome }) => outcome === 'failed' || outcome === 'blocked').map(({ check }) => check.id)
}

/** Every check, by level and points; in brackets the option without which it is skipped. */
export function checkTable(): string {
  const named = ({ id, needs = [] }: Check): string => {
    const asked = needs.filter((need) => need !== 'limit')
    return asked.length > 0 ? `\`${id}\` (${asked.join(', ')})` : `\`${id}\``
  }
  const rows = levels.flatMap((level) =>
    [...Map.groupBy(checks, ({ points }) => points)]
      .toSorted(([a], [b]) => b - a)
      .map(([points, worth]) => ({ points, found: worth.filter((check) => check.level === level) }))
      .filter(({ found }) => found.length > 0)
      .map(({ points, found }) => [level, points, found.map(named).join(', ')]),
  )
  return table(['level', 'points each', 'checks'], rows)
}

/** Marks by level. */
export function marksTable(graded: Map<string, Result[]>): string {
  const marks = (results: Result[], level?: (typeof levels)[number]) => {
    const { earned, possible } = marksOf(results, level)
    return `${earned} of ${possible}`
  }
  const rows = [...graded].map(([name, results]) => [
    name,
    ...levels.map((level) => marks(results, level)),
    marks(results),
    levelReached(results) ?? 'none',
    codes(lostBy(results)),
  ])
  return table(['', ...levels, 'in all', 'level reached', 'lost'], rows)
}

/** Which mutants lost which checks. */
export function mutantTable(graded: Map<string, Result[]>): string {
  const byLoss = Map.groupBy(Object.keys(mutants), (name) => codes(lostBy(graded.get(name) ?? [])))
  return table(
    ['lost', 'by'],
    [...byLoss].map(([lost, names]) => [lost, codes(names)]),
  )
}
