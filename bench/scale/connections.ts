import type { Cores } from '../cores.ts'
import { fillOurs } from '../fill.ts'
import { fire } from '../load.ts'
import { startOurs, startStores } from '../ours.ts'
import type { Row } from './table.ts'

/** 10 to 5,000 connections to one API process. Those it refuses because of overload are counted apart. */
export async function atConnections(cores: Cores): Promise<Row[]> {
  const stores = await startStores()
  const rows: Row[] = []
  try {
    await fillOurs(stores.postgres.url, { products: 100, orders: 1000 })
    const { url, pid, stop } = await startOurs('api', { stores, cpus: cores.measured })
    const refusals = async () =>
      Number(/^shop_requests_shed_total (\d+)/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1] ?? 0)
    for (const size of [10, 100, 1000, 5000]) {
      const load = { request: { path: '/products/' }, expect: [200, 503], connections: size, pid }
      await fire(url, { ...load, seconds: 5 }) // so long it takes to notice an overload
      const before = await refusals()
      const { value, p50 = 0, p99 = 0 } = await fire(url, { ...load, seconds: 4 })
      const refused = (await refusals()) - before
      rows.push({ size, figures: { 'answers /s': value, 'refused /s': refused / 4, 'p50 ms': p50, 'p99 ms': p99 } })
    }
    await stop()
  } finally {
    await stores.stop()
  }
  return rows
}
