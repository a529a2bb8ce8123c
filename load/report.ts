import { percentile } from '../support/statistics.ts'
import { sparkline } from '../support/text-plot.ts'
import type { Sample } from './drive.ts'
import type { Scenario } from './scenarios.ts'
import type { Depth } from './watch-queue.ts'

const PLOT_COLUMNS = 60

/** Tables of latencies (milliseconds) and answers, by stage and by request, and a plot over time. */
export function report(scenario: Scenario, samples: Sample[], depths: Depth[]): string {
  const stages = scenario.stages.map(({ seconds, users }, at) =>
    row(
      `${users} users, ${seconds} s`,
      samples.filter(({ stage }) => stage === at),
      seconds,
    ),
  )
  const seconds = scenario.stages.reduce((sum, stage) => sum + stage.seconds, 0)
  const steps = [...new Set(scenario.steps)].map((name) =>
    row(
      name,
      samples.filter(({ step }) => step === name),
      seconds,
    ),
  )
  const head = ['', 'requests', '/s', 'p50', 'p90', 'p95', 'p99', 'max', 'failed', '429']
  return [
    table([head, ...stages, ...steps, row('all', samples, seconds)]),
    '',
    plot(
      'requests /s',
      perColumn(samples, (some, width) => some.length / width),
    ),
    plot(
      'p99, ms',
      perColumn(samples, (some) =>
        percentile(
          some.map(({ ms }) => ms),
          0.99,
        ),
      ),
    ),
    plot(
      '429 /s',
      perColumn(samples, (some, width) => some.filter(({ status }) => status === 429).length / width),
    ),
    plot(
      'orders queued',
      perColumn(depths, (some) => Math.max(0, ...some.map(({ orders }) => orders))),
    ),
  ].join('\n')
}

/** What the scenario asks for, and whether it holds. */
export function verdict({ limits }: Scenario, samples: Sample[]): { line: string; kept: boolean } {
  const p95 = percentile(
    samples.map(({ ms }) => ms),
    0.95,
  )
  const failed = samples.filter(hasFailed).length / Math.max(1, samples.length)
  const kept = samples.length > 0 && p95 < limits.p95_ms && failed <= limits.failed
  const line = `p95 ${p95.toFixed(1)} ms (under ${limits.p95_ms}), failed ${(failed * 100).toFixed(2)} % (at most ${limits.failed * 100} %): ${kept ? 'kept' : 'NOT KEPT'}`
  return { line, kept }
}

/** No answer, or one that the shop should not have given to this request. */
const hasFailed = ({ status }: Sample) => status === 0 || (status >= 400 && status !== 429)

function row(name: string, samples: Sample[], seconds: number): string[] {
  const times = samples.map(({ ms }) => ms)
  return [
    name,
    `${samples.length}`,
    (samples.length / seconds).toFixed(1),
    ...[0.5, 0.9, 0.95, 0.99, 1].map((share) => percentile(times, share).toFixed(1)),
    `${samples.filter(hasFailed).length}`,
    `${samples.filter(({ status }) => status === 429).length}`,
  ]
}

function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)))
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 2)
  return rows.map((cells) => cells.map(pad).join('')).join('\n')
}

/** Values over time, one for each column of the plot; `width` is the seconds of a column. */
function perColumn<T extends { at: number }>(items: T[], value: (items: T[], width: number) => number): number[] {
  const end = items.reduce((latest, { at }) => Math.max(latest, at), 1000)
  const columns = Math.min(PLOT_COLUMNS, Math.ceil(end / 1000))
  const groups: T[][] = Array.from({ length: columns }, () => [])
  for (const item of items) groups[Math.min(columns - 1, Math.floor((item.at / end) * columns))]?.push(item)
  return groups.map((some) => value(some, end / 1000 / columns))
}

function plot(name: string, values: number[]): string {
  const top = Math.max(...values)
  return `${name.padEnd(14)} ${sparkline(values)}  up to ${top < 10 ? top.toFixed(1) : Math.round(top)}`
}
