import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { whyNoOriginal } from '../../bench/original.ts'
import { createTemplate } from '../../support/servers.ts'
import type { Result } from '../grade.ts'
import { lanes } from './all-mutants.ts'
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
const template = await createTemplate() // that of every lane's PostgreSQL
await Promise.all([
  gradeAll(['ours']).then(async () => note('original', await gradeOriginal())),
  ...lanes.map(gradeAll),
])
rmSync(template, { recursive: true, force: true })

async function gradeAll(names: string[]): Promise<void> {
  const stage = await openStage()
  try {
    for (const name of names) note(name, await stage.grade(name))
  } finally {
    await stage.close()
  }
}

const both = ['ours', 'original'].map((name) => [name, graded.get(name) ?? []] as const)
const tables = { checks: checkTable(), marks: marksTable(new Map(both)), mutants: mutantTable(graded) }
const file = join(import.meta.dirname, '../../docs/grader.md')
let text = readFileSync(file, 'utf8')
for (const [name, table] of Object.entries(tables)) {
  const [before = '', rest = ''] = text.split(`<!-- ${name} -->\n`)
  text = `${before}<!-- ${name} -->\n${table}\n${rest.slice(rest.indexOf('<!-- end -->'))}`
}
writeFileSync(file, text)
