import type { Cores } from '../cores.ts'
import { fillOurs } from '../fill.ts'
import { fire } from '../load.ts'
import { ourBook } from '../orders.ts'
import { startOurs, startStores } from '../ours.ts'
import type { Row } from './table.ts'

const SECONDS = 3

/** One to four API processes, to which the load goes in equal parts. */
export async function atReplicas(cores: Cores): Promise<Row[]> {
  const stores = await startStores()
  await fillOurs(stores.postgres.url, { products: 100, orders: 1000 })
  const book = await ourBook(stores.postgres.url)
  const rows: Row[] = []
  const replicas: Awaited<ReturnType<typeof startOurs>>[] = []
  try {
    for (let size = 1; size <= 4; size++) {
      replicas.push(await startOurs('api', { stores, cpus: cores.all }))
      const all = async (load: (url: string) => ReturnType<typeof fire>) => {
        const samples = await Promise.all(replicas.map(({ url }) => load(url)))
        return {
          rate: samples.reduce((sum, { value }) => sum + value, 0),
          p99: Math.max(...samples.map(({ p99 = 0 }) => p99)),
        }
      }
      const connections = Math.ceil(32 / size)
      const list = (seconds: number) =>
        all((url) => fire(url, { request: { path: '/products/' }, expect: 200, seconds, connections }))
      await list(1)
      const lists = await list(SECONDS)
      const orders = await all((url) =>
        fire(url, {
          request: () => book.request(),
          answered: book.answered,
          expect: 202,
          amount: 4000 / size,
          connections,
        }),
      )
      rows.push({
        size,
        figures: { 'lists /s': lists.rate, 'p99 ms': lists.p99, 'orders /s': orders.rate, 'orders p99 ms': orders.p99 },
      })
    }
  } finally {
    for (const replica of replicas) await replica.stop()
    await stores.stop()
  }
  return rows
}
