import { rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createTemplate } from '../support/servers.ts'
import { compare, type Line } from './compare.ts'
import { divideCores } from './cores.ts'
import type { OrderBook } from './orders.ts'
import { installOriginal, whyNoOriginal } from './original.ts'
import { whyNoPgbench } from './references/pgbench.ts'
import { whyNoRedisBenchmark } from './references/redis-benchmark.ts'
import { middle, type Results, type Rounds, runRounds } from './rounds.ts'
import { type Stage, setStage } from './stage.ts'
import { table } from './table.ts'
import type { Work } from './work.ts'
import { bigIntake, bigPages } from './works/big-shop.ts'
import { cachedList, cachedListOfBoth } from './works/cached-list.ts'
import { coldList } from './works/cold-list.ts'
import { drainEmbedded, drainQueue } from './works/drain.ts'
import { intake, intakeWithKey, takeOrders } from './works/intake.ts'
import { acceptToStored } from './works/latency.ts'
import { limitedList } from './works/limited-list.ts'
import { memoryAfterLoad, memoryAtRest } from './works/memory.ts'
import { notModified } from './works/not-modified.ts'
import { overload } from './works/overload.ts'
import { startToReady } from './works/start.ts'

// `npm run bench`: ours beside its references, about six minutes; `-- --quick`, a look in a minute and a half at what has a
// bar; `-- --only latency`, the works with that in their names, which writes no results.
const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
})
const once: Rounds = { uncounted: 0, counted: 1 }
const warm = (counted: number): Rounds => ({ uncounted: 1, counted })
/** Seconds of a turn of what is as fast as ours, and takes turns so often that it never rests. */
const TURN = 0.1
/** And of what takes milliseconds for an answer. */
const OVERLOAD_TURN = 0.2
const { rounds, seconds, oldOrders } = options.quick
  ? {
      rounds: {
        turns: { uncounted: 8, counted: 20 },
        pairs: { uncounted: 5, counted: 25 },
        pages: { uncounted: 5, counted: 10 },
        orderTurns: { uncounted: 1, counted: 6 },
        reads: warm(1),
        orders: once,
        drains: once,
        overload: { uncounted: 2, counted: 12 },
        latency: warm(1),
      },
      seconds: 0.6,
      oldOrders: 100_000,
    }
  : {
      rounds: {
        turns: { uncounted: 20, counted: 50 },
        pairs: { uncounted: 10, counted: 80 },
        pages: { uncounted: 10, counted: 40 },
        orderTurns: { uncounted: 4, counted: 28 },
        reads: warm(5),
        orders: warm(5),
        drains: warm(3),
        overload: { uncounted: 5, counted: 50 },
        latency: warm(5),
      },
      seconds: 1,
      oldOrders: 1_000_000,
    }
/** Seconds until a process that was asked for nothing yet is about as fast as it then stays. */
const WARM_UP = 3 * seconds
/** The part of a full run's orders; its turns are a second long. */
const part = seconds

/** Works that share a reference, or that may follow each other in a round. */
interface Group {
  works: Work[]
  rounds: Rounds
  /** What has to be done before the next. */
  after?: () => Promise<void>
}

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
let lines: Line[]
try {
  lines = await measure(stage)
} finally {
  tell('clearing the stage')
  await stage.stop()
}
const facts = [
  `${began.at}, ${options.quick ? 'a quick look' : 'in full'}; Node ${process.version}, ${cpus().length} cores, load average ${began.load.toFixed(1)} before it began; ${cores.note}. [How it is measured](../docs/performance.md#what-is-compared).`,
  'The ratio is the median of the rounds, and what the bar is for; the spread is their least and greatest. CPU is what the measured process used for an answer. Latency under overload is that of all refusals.',
  ...missing.map((why) => `Left out: ${why}.`),
]
console.log(`\n${table(lines)}\n`)
const missed = lines.filter(({ met }) => met === 'missed')
console.log(missed.length === 0 ? 'Every bar is met.' : `Missed: ${missed.map(({ work }) => work).join('; ')}.`)
if (options.quick && missed.length > 0) console.log('A quick look has few turns, which scatter: only a full run tells.')
if (!options.only) {
  const out = (name: string, text: string) => writeFileSync(join(import.meta.dirname, name), text)
  out('results.json', `${JSON.stringify({ ...began, options, rounds, facts, lines }, null, 2)}\n`)
  out('results.md', `# What the bench measured\n\n${facts.join('\n\n')}\n\n${table(lines)}\n`)
}

async function measure(stage: Stage) {
  const list = cachedList(stage, TURN)
  const orders = takeOrders('ours, orders taken', stage.ours, part)
  const drained = drainQueue(stage, seconds, cores.measured)
  const rqWorker = drained.against?.find(({ subject }) => subject.name === 'RQ worker')?.subject
  const capacity = () => middle(results.get(drained.ours) ?? []).value || 1000
  // What is compared with each other is measured next to each other.
  const groups: Group[] = [
    { works: [list, limitedList(stage, TURN, list.ours)], rounds: rounds.turns },
    { works: [notModified(stage, TURN)], rounds: rounds.pairs },
    { works: [cachedListOfBoth(stage, seconds, cores.measured)], rounds: rounds.reads },
    { works: [coldList(stage, seconds)], rounds: rounds.reads },
    { works: [bigPages(stage, { seconds: TURN, warmUp: WARM_UP }, oldOrders)], rounds: rounds.pages },
    {
      works: [intakeWithKey(stage, part, orders), bigIntake(stage, part, oldOrders, orders)],
      rounds: rounds.orderTurns,
    },
    { works: [intake(stage, part, cores.measured)], rounds: rounds.orders },
    { works: [drained, drainEmbedded(stage, seconds, rqWorker)], rounds: rounds.drains },
    { works: [startToReady(stage, cores.measured)], rounds: rounds.reads },
    { works: [memoryAfterLoad(stage), memoryAtRest(stage, cores.measured)], rounds: once },
    { works: [overload(stage, OVERLOAD_TURN, WARM_UP)], rounds: rounds.overload, after: () => auditAll(stage) },
    // Only now that nothing waits any more can it be said how long one order takes.
    { works: [acceptToStored(stage, 2 * seconds, capacity)], rounds: rounds.latency, after: () => auditAll(stage) },
  ]
  const results: Results = new Map()
  const lines: Line[] = []
  for (const { works, rounds, after } of groups) {
    const wanted = works.filter(isWanted).map((work) => (options.quick ? withBars(work) : work))
    for (const [subject, samples] of await runRounds(wanted, rounds, tell, interrupted.signal))
      results.set(subject, samples)
    lines.push(...compare(wanted, results))
    await after?.()
  }
  return lines
}

/** Without the references that only stand there to compare with. */
function withBars({ against = [], ...work }: Work): Work {
  return { ...work, against: against.filter(({ bar }) => bar !== undefined) }
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
      const workers = await Promise.all(Array.from({ length: 2 }, () => original.api.addWorker('simple', cores.all)))
      await audit(original.book)
      for (const worker of workers) await worker.stop()
    })(),
  ])
  tell('nothing is lost or doubled')
}
