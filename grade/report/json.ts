import { levels } from '../check.ts'
import { levelReached, marksOf, type Result } from '../grade.ts'
import { curlOf } from './curl.ts'

/** The report for programs; texts in all languages. */
export function asJson(target: string, results: Result[]) {
  return {
    target,
    marks: { ...marksOf(results), ...Object.fromEntries(levels.map((level) => [level, marksOf(results, level)])) },
    level: levelReached(results) ?? null,
    checks: results.map(({ check, history, ...result }) => {
      const { id, level, points, does, expects, hint } = check
      const exchanges = history.map((each) => ({
        curl: curlOf(each),
        sent_ms: Math.round(each.sentAt - (history[0]?.sentAt ?? 0)),
        answered_ms: Math.round(each.answeredAt - (history[0]?.sentAt ?? 0)),
        status: each.status,
        body: each.text.slice(0, 10_000),
      }))
      return { id, level, points, ...result, does, expects, hint, history: exchanges }
    }),
  }
}
