import { levels } from '../check.ts'
import type { Result } from '../grade.ts'
import type { Language } from '../text.ts'
import { historyLines } from './curl.ts'
import { escapeMarkup } from './escape-markup.ts'
import { words } from './words.ts'

/** JUnit XML: a suite for each level, a case for each check. A check that was blocked is a failure, too. */
export function asJunit(results: Result[], lang: Language): string {
  const suites = levels.flatMap((level) => {
    const cases = results.filter(({ check }) => check.level === level)
    if (cases.length === 0) return []
    const count = (outcome: string) => cases.filter((each) => each.outcome === outcome).length
    const counts = `tests="${cases.length}" failures="${count('failed') + count('blocked')}" skipped="${count('skipped')}"`
    return [`  <testsuite name="${level}" ${counts}>`, ...cases.map((each) => testCase(each, lang)), '  </testsuite>']
  })
  return `${['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites name="grade">', ...suites, '</testsuites>'].join('\n')}\n`
}

function testCase({ check, outcome, came, history, ms }: Result, lang: Language): string {
  const name = `classname="${check.id}" name="${escapeMarkup(check.does[lang])}" time="${ms / 1000}"`
  if (outcome === 'passed') return `    <testcase ${name}/>`
  const message = escapeMarkup(came?.[lang] ?? '')
  if (outcome === 'skipped') return `    <testcase ${name}><skipped message="${message}"/></testcase>`
  const detail = [
    `${words.expected[lang]}: ${check.expects[lang]}`,
    `${words.came[lang]}: ${came?.[lang]}`,
    ...historyLines(history),
    `${words.hint[lang]}: ${check.hint[lang]}`,
  ]
  return `    <testcase ${name}><failure type="${outcome}" message="${message}">${escapeMarkup(detail.join('\n'))}</failure></testcase>`
}
