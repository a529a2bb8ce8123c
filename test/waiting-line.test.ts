import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitingLine } from '../src/http/waiting-line.ts'
import { until } from '../support/until.ts'
import { collect, grownOld } from './support/heap.ts'

test('who waits too long is told so, in the order of coming, and nobody else', async () => {
  const late: number[] = []
  const join = waitingLine<number>(20, (who) => late.push(who))
  const leave = [1, 2, 3, 4, 5].map((who) => join(who))
  for (const who of [1, 3, 5]) leave[who - 1]?.()
  await until(() => late.length === 2)
  join(6)
  await until(() => late.length === 3)
  for (const again of leave) again()
  assert.deepEqual(late, [2, 4, 6])
})

test('who has left is gone with the next collection of young objects', async () => {
  const places = 32
  const join = waitingLine<number[]>(60_000, () => {})
  const leave: (() => void)[] = []
  const pass = () => {
    for (let times = 0; times < 1000; times++) {
      leave.push(join(Array.from({ length: 100 }, () => times)))
      if (leave.length > places) leave.shift()?.()
    }
  }
  pass()
  collect('minor')
  collect('minor') // now the line itself is old
  const kept = await grownOld(pass)
  assert.ok(kept < 1_000_000, `${kept} bytes became old, of 3,000 times 900`)
})
