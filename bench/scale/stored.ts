import type { Cores } from '../cores.ts'
import { fillOurs } from '../fill.ts'
import { CONNECTIONS, fire } from '../load.ts'
import { ourBook } from '../orders.ts'
import { startOurs, startStores } from '../ours.ts'
import type { Row } from './table.ts'

const SECONDS = 2

/** Catalogues of 10 to 100,000 products. */
export const atCatalogues = (cores: Cores): Promise<Row[]> =>
  atSizes(cores, [10, 100, 1000, 10_000, 100_000], (size) => ({ products: size, orders: 1000 }))

/** Pasts of no orders to a million. */
export const atPasts = (cores: Cores): Promise<Row[]> =>
  atSizes(cores, [0, 1000, 100_000, 1_000_000], (size) => ({ products: 100, orders: size }))

async function atSizes(
  cores: Cores,
  sizes: number[],
  content: (size: number) => { products: number; orders: number },
): Promise<Row[]> {
  const rows: Row[] = []
  for (const size of sizes) {
    const stores = await startStores()
    try {
      const { products, orders } = content(size)
      await fillOurs(stores.postgres.url, { products, orders })
      const { url, stop } = await startOurs('api', { stores, cpus: cores.measured })
      const book = await ourBook(stores.postgres.url)
      const get = (path: string, seconds = SECONDS) => fire(url, { request: { path }, expect: 200, seconds })
      await fire(url, { request: { path: '/products/' }, expect: 200, amount: CONNECTIONS }) // however long the first take
      const list = await get('/products/')
      const page = await get(`/products/?limit=20&after=${products / 2}`)
      const past = await get(`/orders/?limit=20&after=${Math.floor(orders / 2)}`)
      const taken = await fire(url, {
        request: () => book.request(),
        answered: book.answered,
        expect: 202,
        amount: 3000,
      })
      rows.push({
        size,
        figures: {
          'lists /s': list.value,
          'p99 ms': list.p99 ?? Number.NaN,
          'pages of products /s': page.value,
          'pages of orders /s': past.value,
          'orders taken /s': taken.value,
        },
      })
      await stop()
    } finally {
      await stores.stop()
    }
  }
  return rows
}
