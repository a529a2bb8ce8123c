import { parseArgs } from 'node:util'
import { grade } from '../grade.ts'
import { openStage } from './stage.ts'
import { lostBy } from './tables.ts'

// npm run grade:alarms -- --runs 100: grades our shop again and again by the quick checks. Whatever it loses is a false
// alarm, and the exit code is then 1.
const { values } = parseArgs({ options: { runs: { type: 'string', default: '10' } } })
const stage = await openStage()
const shop = await stage.open('ours', [])
let alarms = 0
for (let run = 1; run <= Number(values.runs); run += 1) {
  const results = await grade(shop.options, () => {})
  const lost = lostBy(results)
  alarms += lost.length
  for (const { check, came } of results)
    if (lost.includes(check.id)) console.log(`run ${run}: ${check.id}: ${came?.en}`)
}
console.log(`${values.runs} runs, ${alarms} false alarms`)
await shop.close()
await stage.close()
process.exitCode = alarms > 0 ? 1 : 0
