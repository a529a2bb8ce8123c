import type { Cores } from '../cores.ts'
import { fillOurs } from '../fill.ts'
import { fire } from '../load.ts'
import { startOurs, startStores } from '../ours.ts'
import type { Row } from './table.ts'

/** 10 to 5,000 connections to one API process. */
export async function atConnections(cores: Cores): Promise<Row[]> {
  const stores = await startStores()
  const rows: Row[] = []
  try {
    await fillOurs(stores.postgres.url, { products: 100, orders: 1000 })
    const { url, pid, stop } = await startOurs('api', { stores, cpus: cores.measured })
    for (const size of [10, 100, 1000, 5000]) {
      const load = { request: { path: '/products/' }, expect: 200, connections: size, pid }
      await fire(url, { ...load, seconds: 1 })
      const { value, p50 = 0, p99 = 0 } = await fire(url, { ...load, seconds: 4 })
      rows.push({ size, figures: { 'answers /s': value, 'p50 ms': p50, 'p99 ms': p99 } })
    }
    await stop()
  } finally {
    await stores.stop()
  }
  return rows
}
