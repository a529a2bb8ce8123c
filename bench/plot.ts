import type { Line } from './compare.ts'

const WIDTH = 900
const ROW = 26
const LEFT = 430

/**
 * A bar for each comparison, as an SVG: how ours stands to its bar, on a logarithmic scale. The line in the middle is the
 * bar; what ends right of it has met it. The small mark is the aim, the thin line the spread of the rounds.
 */
export function plot(lines: readonly Line[]): string {
  const judged = lines.filter(({ bar }) => bar !== undefined)
  const height = (judged.length + 2) * ROW
  const at = (times: number) =>
    LEFT + (WIDTH - LEFT - 20) * (0.35 + Math.log10(Math.min(60, Math.max(0.1, times))) / 2.8)
  const rows = judged.map((line, index) => {
    const { bar = 1, aim, ratio, spread = [0, 0], of = 'value', ours, met } = line
    const of1 = (figure: number) => (ratio === undefined ? bar / figure : figure / bar)
    const times = of1(ratio ?? ours[of] ?? Number.NaN)
    const y = (index + 1) * ROW
    const middle = y + ROW / 2 - 3
    const [low, high] = spread.map((figure) => at(of1(figure))).sort((a, b) => a - b) as [number, number]
    const start = Math.min(at(1), at(times))
    const label = `${line.work}${ratio === undefined ? ` (${of})` : ` : ${line.reference?.name ?? ''}`}`
    return [
      `<text x="${LEFT - 8}" y="${middle + 4}" text-anchor="end">${asText(label)}</text>`,
      `<rect x="${start}" y="${y}" width="${Math.abs(at(times) - at(1))}" height="${ROW - 8}" class="${met === 'missed' ? 'missed' : 'met'}"/>`,
      `<line x1="${low}" x2="${high}" y1="${middle}" y2="${middle}" class="spread"/>`,
      aim === undefined
        ? ''
        : `<line x1="${at(of1(aim))}" x2="${at(of1(aim))}" y1="${y}" y2="${y + ROW - 8}" class="aim"/>`,
      `<text x="${Math.max(at(times), high, at(1)) + 6}" y="${middle + 4}">${Number(times.toPrecision(2))} ×</text>`,
    ].join('')
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<title>How each work stands to its bar</title>
<style>rect.met{fill:#2a7a4b}rect.missed{fill:#b3362b}.spread{stroke:#888;stroke-width:2}.aim{stroke:#c98a00;stroke-width:3}.bar{stroke:#333;stroke-width:1}text{fill:#222}svg{background:#fff}</style>
<text x="${at(1)}" y="14" text-anchor="middle">bar</text>
${rows.join('\n')}
<line x1="${at(1)}" x2="${at(1)}" y1="18" y2="${height - ROW}" class="bar"/>
</svg>
`
}

const asText = (text: string) => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
