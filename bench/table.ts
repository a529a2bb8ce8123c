import type { Line } from './compare.ts'
import type { Sample } from './load.ts'

const head = [
  'work',
  'ours',
  'p50 / p99 ms, CPU',
  'reference',
  'its figure',
  'p50 / p99 ms, CPU',
  'ratio',
  'spread',
  'of medians',
  'bar',
  'aim',
  '',
]

/** The lines as a Markdown table, which is also read well on a terminal. */
export function table(lines: readonly Line[]): string {
  const rows = lines.map((line, index) => {
    const { work, unit, ours, reference, ratio, ofMedians, spread, bar, aim, met, of } = line
    const sign = ratio === undefined ? '≤ ' : '≥ '
    return [
      work === lines[index - 1]?.work ? '' : work,
      of === 'p50' || of === 'p99' ? `${of}: ${figure(ours[of])} ms` : `${figure(ours.value)} ${unit}`,
      latency(ours),
      reference?.name ?? '',
      reference ? `${figure(reference.value)} ${unit}` : '',
      reference ? latency(reference) : '',
      ratio === undefined ? '' : figure(ratio),
      spread ? `${figure(spread[0])}–${figure(spread[1])}` : '',
      ofMedians === undefined ? '' : figure(ofMedians),
      bar === undefined ? '' : sign + figure(bar),
      aim === undefined ? '' : sign + figure(aim),
      met === 'missed' ? 'MISSED' : (met ?? ''),
    ]
  })
  const widths = head.map((title, column) => Math.max(title.length, 3, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n')
}

const latency = ({ p50, p99, cpu }: Sample) =>
  p50 === undefined ? '' : `${figure(p50)} / ${figure(p99)}${cpu === undefined ? '' : `, ${figure(cpu)} µs`}`

/** Three digits that count. */
function figure(value: number | undefined): string {
  if (value === undefined) return ''
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}
