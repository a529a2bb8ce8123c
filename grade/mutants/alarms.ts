import { parseArgs } from 'node:util'
import { grade } from '../grade.ts'
import { openStage } from './stage.ts'
import { lostBy } from './tables.ts'

// npm run grade:alarms -- --runs 100: grades our shop again and again by the quick checks, until as many runs are done or
// the time is up. Whatever it loses is a false alarm, and the exit code is then 1.
const text = { type: 'string' } as const
const { values } = parseArgs({ options: { runs: { ...text, default: '100' }, seconds: { ...text, default: '3600' } } })
const deadline = performance.now() + Number(values.seconds) * 1000

const stage = await openStage()
const shop = await stage.open('ours', [])
let [runs, alarms] = [0, 0]
for (; runs < Number(values.runs) && performance.now() < deadline; runs += 1) {
  const results = await grade(shop.options, () => {})
  const lost = lostBy(results)
  alarms += lost.length
  const came = results
    .filter(({ check }) => lost.includes(check.id))
    .map((each) => `${each.check.id}: ${each.came?.en}`)
  console.log(`run ${runs + 1}: ${came.join('; ') || 'every point'}`)
}
console.log(`${runs} runs, ${alarms} false alarms`)
await shop.close()
await stage.close()
process.exitCode = alarms > 0 ? 1 : 0
