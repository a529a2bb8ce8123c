import { writeFileSync } from 'node:fs'
import { type Options, readOptions, usage } from './options.ts'
import { printReport } from './report.ts'
import { runChaos } from './run.ts'

// npm run chaos -- --seconds 60 --seed 42: kills parts of a working shop, and then proves what was kept. Exit code 0: all
// promises kept; 1: a violation, named; 2: it could not be run.
if (process.argv.includes('--help')) {
  console.log(usage)
  process.exit(0)
}
const options = read()
const interrupt = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort(new Error(name)))
try {
  const report = await runChaos(options, (line) => console.log(line), interrupt.signal)
  console.log(printReport(report))
  if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`)
  process.exit(Object.keys(report.violations).length > 0 ? 1 : 0)
} catch (error) {
  console.error(error)
  process.exit(2)
}

function read(): Options {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`)
    process.exit(2)
  }
}
