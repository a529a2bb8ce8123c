import { levels } from '../check.ts'
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

/** Every check; what it needs beside the target's URL is in the last column. */
export function checkTable(): string {
  const rows = levels.flatMap((level) =>
    checks
      .filter((check) => check.level === level)
      .map(({ id, points, does, expects, needs = [] }) => [
        `\`${id}\``,
        level,
        points,
        `${does.en}: ${expects.en}`,
        needs.filter((need) => need !== 'limit').join(', '),
      ]),
  )
  return table(['check', 'level', 'points', 'what it does, and expects', 'needs'], rows)
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

/** What each mutant lost. */
export function mutantTable(graded: Map<string, Result[]>): string {
  const rows = Object.entries(mutants).map(([name, { defect }]) => {
    const { earned, possible } = marksOf(graded.get(name) ?? [])
    return [`\`${name}\``, defect, `${earned} of ${possible}`, codes(lostBy(graded.get(name) ?? []))]
  })
  return table(['mutant', 'defect', 'marks', 'lost'], rows)
}
