import { barOf } from './bars.ts'
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
  'bar',
  'aim',
  '',
  'times its bar',
]

/** The lines as a Markdown table, in which a cell that says the same as the one above is empty, and which is also read well on a terminal. */
export function table(lines: readonly Line[]): string {
  const rows = lines.map((line, index) => {
    const { work, unit, ours, reference, ratio, spread, bar, aim, met, of } = line
    const sign = ratio === undefined ? '≤ ' : '≥ '
    const before = lines[index - 1]
    const same = of === before?.of && ours.value === before?.ours.value
    const value = of === 'p50' || of === 'p99' ? `${of}: ${figure(ours[of])} ms` : `${figure(ours.value)} ${unit}`
    return [
      work === before?.work ? '' : work,
      same ? '' : value,
      same ? '' : latency(ours),
      reference?.name ?? '',
      reference ? `${figure(reference.value)} ${unit}` : '',
      reference ? latency(reference) : '',
      ratio === undefined ? '' : figure(ratio),
      spread ? `${figure(spread[0])}–${figure(spread[1])}` : '',
      bar === undefined ? '' : sign + figure(bar),
      aim === undefined ? '' : sign + figure(aim),
      met === 'missed' ? 'MISSED' : (met ?? ''),
      barOf(line),
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
