import { parseArgs } from 'node:util'
import { ProblemError } from '../src/http/errors.ts'
import { catalogue } from './experiments/catalogue.ts'
import { newRun } from './new-run.ts'
import type { Settings } from './protocol/experiment-schema.ts'
import type { Run } from './protocol/run-schema.ts'
import { type Language, printList, printRun } from './report.ts'
import { completeSettings } from './settings.ts'

// npm run lab -- --experiment stampede: an experiment without a browser. Exit code 0: the hypothesis holds; 1: it does
// not, or the run failed; 2: wrong arguments; 130: stopped.
const usage = `npm run lab -- [options]
  --list                  list the experiments and their settings
  --experiment NAME       the experiment to run: ${catalogue.map(({ id }) => id).join(', ')}
  --set NAME=VALUE        one of its settings; may be repeated
  --json                  print the run as JSON, as the page exports it
  --lang en|es            the language of the output`

const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort())

const { values, language } = read()
if (values.list) {
  console.log(values.json ? JSON.stringify(catalogue, null, 2) : printList(catalogue, language))
  process.exit(0)
}
const { about, run } = prepare(values.experiment, values.set ?? [])
// Imported only for a run, so that --list stays fast.
const { runExperiment } = await import('./engine.ts')
const { findRunnable } = await import('./experiments/runnable.ts')
const say = (line: string) => values.json || console.error(line)
const ended = await runExperiment(
  findRunnable(about.id),
  run,
  (name, data) => {
    if (name === 'event' && 'who' in data)
      say(`${data.variant}  ${data.t.toFixed(2)} s  ${data.who}: ${data.text[language]}`)
  },
  stopping.signal,
)
console.log(values.json ? JSON.stringify(ended, null, 2) : printRun(ended, about, language))
process.exit(exitCode(ended))

function read() {
  try {
    const { values } = parseArgs({
      options: {
        list: { type: 'boolean' },
        experiment: { type: 'string' },
        set: { type: 'string', multiple: true },
        json: { type: 'boolean' },
        lang: { type: 'string', default: 'en' },
      },
    })
    if (values.lang !== 'en' && values.lang !== 'es')
      throw new TypeError(`--lang: expected en or es, got ${values.lang}`)
    return { values, language: values.lang as Language }
  } catch (error) {
    return fail(error)
  }
}

function prepare(id: string | undefined, set: string[]) {
  try {
    const found = catalogue.find((experiment) => experiment.id === id)
    if (!found) throw new TypeError(`--experiment: expected one of the names below, got ${id ?? 'nothing'}`)
    const settings: Settings = Object.fromEntries(
      set.map((entry) => {
        const [name = '', value = ''] = entry.split(/=(.*)/s)
        return [name, /^-?\d+$/.test(value) ? Number(value) : value]
      }),
    )
    return { about: found, run: newRun(found.id, completeSettings(found, settings)) }
  } catch (error) {
    return fail(error)
  }
}

function fail(error: unknown): never {
  if (!(error instanceof TypeError || error instanceof ProblemError)) throw error
  console.error(`${error.message}\n\n${usage}`)
  process.exit(2)
}

function exitCode({ state, verdict }: Run): number {
  if (state === 'stopped') return 130
  return state === 'done' && verdict?.holds ? 0 : 1
}
