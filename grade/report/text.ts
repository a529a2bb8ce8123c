import { type Check, levels } from '../check.ts'
import { levelReached, marksOf, percentOf, type Result } from '../grade.ts'
import type { Language } from '../text.ts'
import { historyLines } from './curl.ts'
import { outcomeWord, words } from './words.ts'

/** A result as it comes: a line, and under it what is wrong, what proves it, and a hint. */
export function resultLines(result: Result, lang: Language): string {
  const { check, outcome, earned, came, history } = result
  const points = outcome === 'skipped' ? '—' : `${earned}/${check.points}`
  const line = `${outcomeWord(result, lang).padEnd(8)}${points.padStart(4)}  ${check.id.padEnd(24)}${check.does[lang]}`
  if (outcome === 'passed') return line
  if (outcome === 'skipped') return `${line} (${came?.[lang]})`
  const detail = [
    `${words.expected[lang]}: ${check.expects[lang]}`,
    `${words.came[lang]}: ${came?.[lang]}`,
    ...(history.length > 0 ? [`${words.toSee[lang]}:`, ...historyLines(history).map((text) => `  ${text}`)] : []),
    `${words.hint[lang]}: ${check.hint[lang]}`,
  ]
  return [line, ...detail.map((text) => `${' '.repeat(14)}${text}`)].join('\n')
}

/** The marks by level and in all. */
export function summary(results: Result[], lang: Language): string {
  const line = (name: string, marks: ReturnType<typeof marksOf>) =>
    `${name.padEnd(12)}${`${marks.earned}`.padStart(4)} ${words.of[lang]} ${marks.possible}`
  const all = marksOf(results)
  return [
    '',
    ...levels.flatMap((level) => {
      const marks = marksOf(results, level)
      return marks.possible > 0 ? [line(level, marks)] : []
    }),
    `${line(words.inAll[lang], all)} ${words.points[lang]} (${percentOf(all)} %); ${words.level[lang]}: ${levelReached(results) ?? words.none[lang]}`,
  ].join('\n')
}

/** The checks by level, with their points, for `--list`. */
export function listing(checks: Check[], lang: Language): string {
  return levels
    .flatMap((level) => checks.filter((check) => check.level === level))
    .map(
      ({ id, level, points, does, expects }) =>
        `${level.padEnd(12)}${`${points}`.padStart(2)}  ${id.padEnd(24)}${does[lang]}: ${expects[lang]}`,
    )
    .join('\n')
}
