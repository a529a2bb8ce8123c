import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openQueue } from '../src/patterns/queue/queue.ts'
import { silent } from '../support/servers.ts'
import { divideCores } from './cores.ts'
import { fillOurs } from './fill.ts'
import { cpuSeconds, fire } from './load.ts'
import { ourBook } from './orders.ts'
import { startOurs, startStores } from './ours.ts'
import { placeOrders } from './works/intake.ts'

// `node bench/profile.ts list|limited|orders|keys|drain`: where the processor time of an API or worker process goes, by
// function, from V8's sampling profiler. The whole profile is kept, for Chromium's or an editor's flame graph.
const [work = 'list', amount = work === 'list' ? '30000' : '8000'] = process.argv.slice(2)
const cores = divideCores()
const folder = mkdtempSync(join(tmpdir(), 'profile-'))
const stores = await startStores()
await fillOurs(stores.postgres.url, { products: 100, orders: 1000 })
const args = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=200']
const env = { RATE_LIMIT: work === 'limited' ? '999999999/minute' : 'off' }
const isDrain = work === 'drain'
let since = 0
const api = await startOurs('api', { stores, cpus: cores.measured, env, args: isDrain ? [] : args })
const taker = { url: api.url, pid: api.pid, book: await ourBook(stores.postgres.url) }

if (isDrain) {
  const producer = openQueue({ ...urls(), timeout: 10_000, log: silent })
  await producer.queue.pause()
  await placeOrders(taker, Number(amount))
  const worker = await startOurs('worker', { stores, cpus: cores.measured, args })
  since = now()
  const start = performance.now()
  const before = cpuSeconds(worker.pid)
  await producer.queue.resume()
  await taker.book.audit()
  const elapsed = (performance.now() - start) / 1000
  const used = cpuSeconds(worker.pid) - before
  console.log({ value: Number(amount) / elapsed, busy: used / elapsed, cpu: (used / Number(amount)) * 1e6 })
  await worker.stop()
  await producer.close()
} else if (work === 'list' || work === 'limited') {
  since = now()
  console.log(
    await fire(api.url, { request: { path: '/products/' }, expect: 200, amount: Number(amount), pid: api.pid }),
  )
} else {
  since = now()
  console.log(await placeOrders(taker, Number(amount), { keys: work === 'keys' }))
}
await api.stop()
await stores.stop()

for (const name of readdirSync(folder)) report(join(folder, name), since)
if (process.env.KEEP) console.log(folder)
else rmSync(folder, { recursive: true })

function urls() {
  return { databaseUrl: stores.postgres.url, redisUrl: stores.redis.url }
}

/** Microseconds of the clock that the profiler goes by. */
function now(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

interface Profile {
  startTime: number
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[]
  samples: number[]
  timeDeltas: number[]
}

/** Prints the packages and the functions with the most time of their own after `since`, which leaves the start out. */
function report(file: string, since: number): void {
  const { nodes, samples, timeDeltas, startTime } = JSON.parse(readFileSync(file, 'utf8')) as Profile
  const own = new Map<number, number>()
  let at = startTime
  for (const [index, id] of samples.entries()) {
    const time = timeDeltas[index] ?? 0
    at += time
    if (at > since) own.set(id, (own.get(id) ?? 0) + time)
  }
  const idle = nodes.find(({ callFrame }) => callFrame.functionName === '(idle)')?.id ?? 0
  own.delete(idle)
  const total = [...own.values()].reduce((sum, time) => sum + time, 0)
  const functions = new Map<string, number>()
  const packages = new Map<string, number>()
  const add = (map: Map<string, number>, key: string, time: number) => map.set(key, (map.get(key) ?? 0) + time)
  for (const { id, callFrame } of nodes) {
    const { functionName, url, lineNumber } = callFrame
    const path = url.startsWith('file:') ? relative(join(import.meta.dirname, '..'), fileURLToPath(url)) : url
    add(functions, `${functionName || '(anonymous)'} ${path}:${lineNumber + 1}`, own.get(id) ?? 0)
    add(packages, /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? (path || functionName), own.get(id) ?? 0)
  }
  for (const map of [packages, functions]) {
    const rows = [...map].sort(([, a], [, b]) => b - a).slice(0, 35)
    console.log(rows.map(([name, time]) => `${((time / total) * 100).toFixed(1).padStart(5)} %  ${name}`).join('\n'))
    console.log()
  }
}
