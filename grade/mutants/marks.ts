import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { whyNoOriginal } from '../../bench/original.ts'
import type { Result } from '../grade.ts'
import { lanes } from './all.ts'
import { gradeOriginal, openStage } from './stage.ts'
import { checkTable, lostBy, marksTable, mutantTable } from './tables.ts'

// npm run grade:marks: grades ours, the original and every mutant, and writes the tables of docs/grader.md.
const noOriginal = whyNoOriginal()
if (noOriginal) throw new Error(noOriginal)

const graded = new Map<string, Result[]>()
const note = (name: string, results: Result[]) => {
  graded.set(name, results)
  console.log(name, lostBy(results).join(' '))
}
const whole = async () => {
  const stage = await openStage()
  note('ours', await stage.grade('ours'))
  await stage.close()
  note('original', await gradeOriginal())
}
await Promise.all([
  whole(),
  ...lanes.map(async (names) => {
    const stage = await openStage()
    for (const name of names) note(name, await stage.grade(name))
    await stage.close()
  }),
])

const both = ['ours', 'original'].map((name) => [name, graded.get(name) ?? []] as const)
const tables = { checks: checkTable(), marks: marksTable(new Map(both)), mutants: mutantTable(graded) }
const file = join(import.meta.dirname, '../../docs/grader.md')
let text = readFileSync(file, 'utf8')
for (const [name, table] of Object.entries(tables)) {
  const [before = '', rest = ''] = text.split(`<!-- ${name} -->\n`)
  text = `${before}<!-- ${name} -->\n${table}\n${rest.slice(rest.indexOf('<!-- end -->'))}`
}
writeFileSync(file, text)
