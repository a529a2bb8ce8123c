import { writeSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { collect, oldBytes } from './heap.ts'

/*
 * To be imported before the program of a process: makes many objects as it ends, holds them for some time, makes more
 * that it does not hold, and prints how many bytes of these became old.
 */

const makeRows = () => Array.from({ length: 1000 }, (_, id) => ({ id, name: `name ${id}`, price: id / 3 }))
const total = (rows: { price: number }[]) => rows.reduce((sum, { price }) => sum + price, 0)
const makeMany = (times: number) => {
  for (let made = 0; made < times; made++) total(makeRows())
}

process.once('exit', () => {
  setFlagsFromString('--semi-space-growth-factor=2') // as in a shop that is open
  // A process has things that do live long. If nearly nothing does, V8 finds out soon that it was wrong about the others.
  const base = Array.from({ length: 300_000 }, (_, id) => ({ id, name: `name ${id}`, more: [id] }))
  let held: unknown[] = []
  for (let made = 0; made < 3000; made++) {
    const rows = makeRows()
    total(rows)
    held = held.length < 300 ? [...held, rows] : []
  }
  held = []
  makeMany(3000)
  collect('major')
  const before = oldBytes()
  makeMany(500)
  collect('minor')
  writeSync(1, JSON.stringify({ grown: oldBytes() - before, base: base.length }))
})
