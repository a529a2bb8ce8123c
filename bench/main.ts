import { rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createTemplate } from '../test/support/servers.ts'
import { compare } from './compare.ts'
import { divideCores } from './cores.ts'
import { CONNECTIONS } from './load.ts'
import type { OrderBook } from './orders.ts'
import { installOriginal, whyNoOriginal } from './original.ts'
import { plot } from './plot.ts'
import { whyNoPgbench } from './references/pgbench.ts'
import { whyNoRedisBenchmark } from './references/redis-benchmark.ts'
import { middle, runRounds } from './rounds.ts'
import { type Stage, setStage } from './stage.ts'
import { table } from './table.ts'
import type { Work } from './work.ts'
import { bigIntake, bigPages } from './works/big-shop.ts'
import { cachedList } from './works/cached-list.ts'
import { coldList } from './works/cold-list.ts'
import { drainEmbedded, drainQueue } from './works/drain.ts'
import { intake, intakeWithKey } from './works/intake.ts'
import { acceptToStored } from './works/latency.ts'
import { limitedList } from './works/limited-list.ts'
import { memoryAfterLoad, memoryAtRest } from './works/memory.ts'
import { notModified } from './works/not-modified.ts'
import { overload } from './works/overload.ts'
import { startToReady } from './works/start.ts'

// `npm run bench`: ours beside its references, about eight minutes; `-- --quick`, a look in under three; `-- --only latency`, the
// works with that in their names, which writes no results.
const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
})
const { rounds, lateRounds, seconds, oldOrders } = options.quick
  ? { rounds: 2, lateRounds: 1, seconds: 0.7, oldOrders: 100_000 }
  : { rounds: 5, lateRounds: 3, seconds: 1.6, oldOrders: 1_000_000 }

const tell = (line: string) => console.error(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${line}`)
const interrupted = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort(new Error(name)))
const cores = divideCores()
const missing = [whyNoOriginal(), whyNoPgbench(), whyNoRedisBenchmark()].filter((why) => why !== undefined)
for (const why of missing) tell(`left out: ${why}`)
const began = { at: new Date().toISOString(), load: loadavg()[0] ?? 0 }

const withOriginal = whyNoOriginal() === undefined
if (withOriginal) {
  tell('installing the original')
  installOriginal()
}
tell('setting the stage')
const template = await createTemplate()
process.once('exit', () => rmSync(template, { recursive: true, force: true }))
const stage = await setStage({ cores, oldOrders, withOriginal })
/** How many orders each book had when it was audited. */
const audited = new Map<OrderBook, number>()
let lines: ReturnType<typeof compare>
try {
  lines = await measure(stage)
} finally {
  tell('clearing the stage')
  await stage.stop()
}
const facts = [
  `${began.at}, ${options.quick ? 'a quick look' : 'in full'}: ${rounds} rounds of ${seconds} s each, each request after half as long that was not counted, and all after a round that was not. Node ${process.version}, ${cpus().length} cores, load average ${began.load.toFixed(1)} before it began.`,
  `${cores.note[0]?.toUpperCase()}${cores.note.slice(1)}. One process on each side; autocannon 9, ${CONNECTIONS} connections, no pipelining; access logs written to files. PostgreSQL and Redis of each side are set up alike, and confirm what is on disk.`,
  'The ratio is that of the medians; the spread is the least and the greatest ratio of a single round, where all sides took turns. CPU is what the measured process used for an answer.',
  ...missing.map((why) => `Left out: ${why}.`),
]
console.log(`\n${table(lines)}\n`)
const missed = lines.filter(({ met }) => met === 'missed')
console.log(missed.length === 0 ? 'Every bar is met.' : `Missed: ${missed.map(({ work }) => work).join('; ')}.`)
if (!options.only) {
  const out = (name: string, text: string) => writeFileSync(join(import.meta.dirname, name), text)
  out('results.json', `${JSON.stringify({ ...began, options, facts, lines }, null, 2)}\n`)
  out('results.svg', plot(lines))
  const picture = '![How each work stands to its bar](results.svg)'
  out('results.md', `# What the bench measured\n\n${facts.join('\n\n')}\n\n${table(lines)}\n\n${picture}\n`)
}

async function measure(stage: Stage) {
  const list = cachedList(stage, seconds, cores.measured)
  const orders = intake(stage, seconds, cores.measured)
  const drained = drainQueue(stage, seconds, cores.measured)
  const rqWorker = drained.against?.find(({ subject }) => subject.name === 'RQ worker')?.subject
  const works = [
    list,
    limitedList(stage, seconds, list.ours),
    notModified(stage, seconds, list.ours),
    coldList(stage, seconds),
    orders,
    intakeWithKey(stage, seconds, orders.ours),
    drained,
    drainEmbedded(stage, seconds, rqWorker),
    bigPages(stage, seconds, oldOrders),
    bigIntake(stage, seconds, oldOrders, orders.ours),
    startToReady(stage, cores.measured),
  ].filter(isWanted)
  const results = await runRounds(works, rounds, tell, interrupted.signal)
  const memory = [memoryAfterLoad(stage), memoryAtRest(stage, cores.measured)].filter(isWanted)
  for (const { ours } of memory) results.set(ours, [await ours.measure()])
  const tooMuch = [overload(stage, seconds)].filter(isWanted)
  const overloaded = await runRounds(tooMuch, lateRounds, tell, interrupted.signal)
  await auditAll(stage)
  // Only now that nothing waits any more can it be said how long one order takes.
  const capacity = () => middle(results.get(drained.ours) ?? []).value || 1000
  const latency = [acceptToStored(stage, 2 * seconds, capacity)].filter(isWanted)
  const latencies = await runRounds(latency, lateRounds, tell, interrupted.signal)
  await auditAll(stage)
  return [
    ...compare(works, results),
    ...compare(tooMuch, overloaded),
    ...compare(latency, latencies),
    ...compare(memory, results),
  ]
}

function isWanted({ name }: Work): boolean {
  return name.includes(options.only)
}

/**
 * Lets every shop that has taken orders since the last time finish them, all at the same time, and fails unless each has
 * exactly those that it accepted.
 */
async function auditAll({ ours, big, embedded, original }: Stage): Promise<void> {
  const hasNew = (book: OrderBook) => book.accepted() > (audited.get(book) ?? 0)
  const audit = async (book: OrderBook) => {
    tell(`auditing ${book.accepted()} orders`)
    await book.audit()
    audited.set(book, book.accepted())
  }
  const shops = [ours, big, embedded].filter(({ book }) => hasNew(book))
  await Promise.all([
    ...shops.map(async ({ queue, book }) => {
      await queue.resume()
      await audit(book)
      await queue.pause()
    }),
    (async () => {
      if (!original || !hasNew(original.book)) return
      const workers = await Promise.all([original.api.addWorker('simple'), original.api.addWorker('simple')])
      await audit(original.book)
      for (const worker of workers) await worker.stop()
    })(),
  ])
  tell('nothing is lost or doubled')
}
