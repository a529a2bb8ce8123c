import { bar } from '../../support/text-plot.ts'

/** What was measured at one size, by name: requests a second, milliseconds. */
export interface Row {
  size: number
  figures: Record<string, number>
}

/** A Markdown table with a small plot of its first figure. */
export function table(what: string, rows: readonly Row[]): string {
  const names = Object.keys(rows[0]?.figures ?? {})
  const most = Math.max(...rows.map(({ figures }) => figures[names[0] ?? ''] ?? 0))
  const lines = rows.map(({ size, figures }) => {
    const plotted = bar((figures[names[0] ?? ''] ?? 0) / most, 24)
    return `| ${[size.toLocaleString('en'), ...names.map((name) => figure(figures[name] ?? Number.NaN)), plotted].join(' | ')} |`
  })
  return [
    `| ${[what, ...names, ''].join(' | ')} |`,
    `| ${['---:', ...names.map(() => '---:'), '---'].join(' | ')} |`,
    ...lines,
  ].join('\n')
}

const figure = (value: number) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3))
