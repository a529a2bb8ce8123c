import { writeFileSync } from 'node:fs'
import { chooseChecks, grade, marksOf, percentOf } from './grade.ts'
import { type CommandLine, readOptions, usage } from './options.ts'
import { asHtml } from './report/html.ts'
import { asJson } from './report/json.ts'
import { asJunit } from './report/junit.ts'
import { listing, resultLines, summary } from './report/text.ts'

// npm run grade -- --target http://localhost:8000: marks whatever answers there, over HTTP alone.
if (process.argv.includes('--help')) {
  console.log(usage)
  process.exit(0)
}
const options = read()
const { target, lang, reports } = options
if (options.list) {
  console.log(listing(chooseChecks(options), lang))
  process.exit(0)
}
try {
  const results = await grade(options, (result) => console.log(resultLines(result, lang)))
  console.log(summary(results, lang))
  if (reports.json) writeFileSync(reports.json, `${JSON.stringify(asJson(target, results), null, 2)}\n`)
  if (reports.junit) writeFileSync(reports.junit, asJunit(results, lang))
  if (reports.html) writeFileSync(reports.html, asHtml(target, results, lang))
  process.exit(percentOf(marksOf(results)) >= options.threshold ? 0 : 1)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(2)
}

function read(): CommandLine {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`)
    process.exit(2)
  }
}
