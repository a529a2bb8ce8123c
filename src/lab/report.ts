import type { Experiment, Run, Setting } from './protocol.ts'

/** The experiments, and what can be set, for a terminal. */
export function printList(experiments: readonly Experiment[]): string {
  return experiments
    .map(({ id, title, hypothesis, seconds, settings }) =>
      [`${id}: ${title.en} (about ${seconds} s)`, `  ${hypothesis.en}`, ...settings.map(printSetting)].join('\n'),
    )
    .join('\n\n')
}

function printSetting({ name, label, default: value, min, max, unit, choices }: Setting): string {
  const range = choices ? choices.join(', ') : `${min} to ${max}${unit ? ` ${unit}` : ''}`
  return `  --set ${name}=${value}  ${label.en}; ${range}`
}

/** A run's figures, a column for each variant, and its verdict. */
export function printRun(run: Run, { variants, figures }: Experiment): string {
  const columns = variants.map(({ id }) => run.variants.find((result) => result.id === id))
  const rows = [
    ['', ...variants.map(({ id }) => id)],
    ...figures.map(({ id, label, unit }) => [
      unit ? `${label.en} (${unit})` : label.en,
      ...columns.map((result) => String(result?.figures[id] ?? '–')),
    ]),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const table = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  )
  return [...table, '', conclusion(run)].join('\n')
}

function conclusion({ state, seconds, verdict, error }: Run): string {
  if (state === 'failed') return `It failed after ${seconds} s: ${error}`
  if (!verdict) return `It was stopped after ${seconds} s.`
  return `${verdict.holds ? 'The hypothesis holds.' : 'The hypothesis does not hold.'} ${verdict.text.en} (${seconds} s)`
}
