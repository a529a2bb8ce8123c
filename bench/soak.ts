import { parseArgs } from 'node:util'
import { median } from '../support/statistics.ts'
import { divideCores } from './cores.ts'
import { fillOurs } from './fill.ts'
import { fire } from './load.ts'
import { ourBook } from './orders.ts'
import { startOurs, startStores } from './ours.ts'
import { placeOrders } from './works/intake.ts'
import { megabytes } from './works/memory.ts'

// `node bench/soak.ts [--minutes 10]`: whether an API and a worker grow under load that lasts. They are compared with
// themselves: the second third of the time with the last.
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } })
const end = performance.now() + Number(values.minutes) * 60_000
const cores = divideCores()
const stores = await startStores()
await fillOurs(stores.postgres.url, { products: 100, orders: 1000 })
const api = await startOurs('api', { stores, cpus: cores.measured })
const worker = await startOurs('worker', { stores, cpus: cores.measured })
const book = await ourBook(stores.postgres.url)
const seen: { api: number; worker: number }[] = []
let requests = 0
while (performance.now() < end) {
  const list = await fire(api.url, { request: { path: '/products/' }, expect: 200, seconds: 4 })
  const orders = 500
  await placeOrders({ ...api, book }, orders)
  await book.audit() // so that no order waits, and none is kept here for ever
  requests += Math.round(list.value * 4) + orders
  seen.push({ api: megabytes(api.pid), worker: megabytes(worker.pid) })
}
for (const name of ['api', 'worker'] as const) {
  const megabytesOf = seen.map((row) => row[name])
  const third = Math.floor(seen.length / 3)
  const before = median(megabytesOf.slice(third, 2 * third))
  const after = median(megabytesOf.slice(2 * third))
  const growth = ((after / before - 1) * 100).toFixed(1)
  console.log(`${name}: ${before.toFixed(0)} MB in the second third, ${after.toFixed(0)} MB in the last (${growth} %)`)
  const tenths = Array.from({ length: 10 }, (_, tenth) => megabytesOf[Math.floor((tenth * seen.length) / 10)] ?? 0)
  console.log(`  every tenth of the time: ${tenths.map((each) => each.toFixed(0)).join(', ')} MB`)
}
console.log(`${requests} requests in ${values.minutes} minutes`)
for (const part of [worker, api, stores]) await part.stop()
