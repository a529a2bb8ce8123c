import type { Experiment, Setting } from './protocol/experiment-schema.ts'
import type { Text } from './protocol/part-schema.ts'
import type { Run } from './protocol/run-schema.ts'

export type Language = keyof Text

/** The experiments and their settings, for a terminal. */
export function printList(experiments: readonly Experiment[], language: Language): string {
  const about = { en: 'about', es: 'unos' }[language]
  return experiments
    .map(({ id, title, hypothesis, seconds, settings }) =>
      [
        `${id}: ${title[language]} (${about} ${seconds} s)`,
        `  ${hypothesis[language]}`,
        ...settings.map((setting) => printSetting(setting, language)),
      ].join('\n'),
    )
    .join('\n\n')
}

function printSetting({ name, label, default: value, min, max, unit, choices }: Setting, language: Language): string {
  const range = choices ? choices.join(', ') : `${min}–${max}${unit ? ` ${unit}` : ''}`
  return `  --set ${name}=${value}  ${label[language]}; ${range}`
}

/** The figures of a run, a column for each variant, and its verdict. */
export function printRun(run: Run, { variants, figures }: Experiment, language: Language): string {
  const columns = variants.map(({ id }) => run.variants.find((result) => result.id === id))
  const rows = [
    ['', ...variants.map(({ id }) => id)],
    ...figures.map(({ id, label, unit }) => [
      unit ? `${label[language]} (${unit})` : label[language],
      ...columns.map((result) => String(result?.figures[id] ?? '–')),
    ]),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)
  return [...rows.map((row) => row.map(pad).join('  ')), '', conclusion(run, language)].join('\n')
}

const words = {
  en: {
    holds: 'The hypothesis holds.',
    fails: 'The hypothesis does not hold.',
    failed: 'It failed:',
    stopped: 'It was stopped.',
  },
  es: {
    holds: 'La hipótesis se cumple.',
    fails: 'La hipótesis no se cumple.',
    failed: 'Falló:',
    stopped: 'Se detuvo.',
  },
}

function conclusion({ state, seconds, verdict, error }: Run, language: Language): string {
  const said = words[language]
  if (state === 'failed') return `${said.failed} ${error} (${seconds} s)`
  if (!verdict) return `${said.stopped} (${seconds} s)`
  return `${verdict.holds ? said.holds : said.fails} ${verdict.text[language]} (${seconds} s)`
}
