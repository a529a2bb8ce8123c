import { levels } from '../check.ts'
import { levelReached, marksOf, percentOf, type Result } from '../grade.ts'
import type { Language } from '../text.ts'
import { historyLines } from './curl.ts'
import { escapeMarkup } from './escape-markup.ts'
import { outcomeWord, words } from './words.ts'

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .8rem .3rem 0; vertical-align: top; }
tr { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); } td.n { text-align: right; } td.n, td code { white-space: nowrap; }
pre { overflow-x: auto; padding: .6rem; background: color-mix(in srgb, currentColor 8%, transparent); font-size: .85rem; }
.failed, .blocked { color: light-dark(#b00020, #ff8a93); font-weight: 600; } .passed { color: light-dark(#0a6b2d, #7ddc9a); }
dt { font-weight: 600; } dd { margin: 0 0 .5rem; }`

/** The report as one page that needs no other file. */
export function asHtml(target: string, results: Result[], lang: Language): string {
  const all = marksOf(results)
  const title = `${words.grade[lang]} ${escapeMarkup(target)}`
  const sections = levels.flatMap((level) => {
    const cases = results.filter(({ check }) => check.level === level)
    const marks = marksOf(results, level)
    if (cases.length === 0) return []
    const rows = cases.map((each) => row(each, lang)).join('\n')
    return [
      `<h2>${level}: ${marks.earned} ${words.of[lang]} ${marks.possible}</h2>\n<table><tbody>\n${rows}\n</tbody></table>`,
    ]
  })
  const reached = levelReached(results) ?? words.none[lang]
  return `<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><style>${style}</style></head><body>
<h1>${title}</h1>
<p>${all.earned} ${words.of[lang]} ${all.possible} ${words.points[lang]} (${percentOf(all)} %). ${words.level[lang]}: ${reached}.</p>
${sections.join('\n')}
</body></html>
`
}

function row(result: Result, lang: Language): string {
  const { check, outcome, earned, came, history } = result
  const facts = [
    [words.expected[lang], check.expects[lang]],
    [words.came[lang], came?.[lang] ?? ''],
    [words.hint[lang], check.hint[lang]],
  ]
  const list = facts.map(([term, text]) => `<dt>${term}</dt><dd>${escapeMarkup(text ?? '')}</dd>`).join('')
  const proof =
    history.length > 0 ? `<p>${words.toSee[lang]}:</p><pre>${escapeMarkup(historyLines(history).join('\n'))}</pre>` : ''
  const detail = outcome === 'failed' || outcome === 'blocked' ? `<dl>${list}</dl>${proof}` : ''
  const why = outcome === 'skipped' ? ` (${escapeMarkup(came?.[lang] ?? '')})` : ''
  const points = outcome === 'skipped' ? '—' : `${earned}/${check.points}`
  return `<tr><td class="${outcome}">${outcomeWord(result, lang)}</td><td class="n">${points}</td><td><code>${check.id}</code></td><td>${escapeMarkup(check.does[lang])}${why}${detail}</td></tr>`
}
