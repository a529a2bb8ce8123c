import { ask } from '../support/http.ts'
import { type KnownProduct, priceOf, revisionOf } from './ledger.ts'
import { pick } from './random.ts'
import type { Client } from './shopper.ts'

interface List {
  from_cache: boolean
  products: { id: number; name: string; price: number; stock: number }[]
}

/** The last list each client got, with its entity tag: what a 304 stands for. */
const kept = new WeakMap<Client, { etag: string; list: List }>()

/**
 * Reads the catalogue and checks it against what was acknowledged before the read began: every product is there, in that
 * revision or a later one; and what was merely found to have happened shows after one TTL.
 */
export async function readList(client: Client, ttlS: number): Promise<void> {
  const { apis, ledger, random } = client
  const due = [...ledger.products.values()].map((product) => ({ product, revision: dueRevision(product, ttlS) }))
  const api = pick(random, apis)
  const last = random() < 0.3 ? kept.get(client) : undefined
  const answer = await ask<List>(`${api}/products/`, last ? { headers: { 'if-none-match': last.etag } } : {})
  ledger.count(`GET /products/ ${answer.status || 'no answer'}`)
  const list = answer.status === 304 ? last?.list : answer.json
  if ((answer.status !== 200 && answer.status !== 304) || !list) return
  kept.set(client, { etag: answer.headers.get('etag') ?? '', list })

  const cacheStatus = answer.headers.get('cache-status') ?? ''
  ledger.count(`list ${/hit/.test(cacheStatus) ? 'from cache' : 'from database'}`)
  if (Number(/ttl=(\d+)/.exec(cacheStatus)?.[1] ?? 0) > ttlS)
    ledger.report('stale', `a list has longer to live than the TTL: ${cacheStatus}`)
  const shown = new Map(list.products.map((product) => [product.id, product]))
  for (const { product, revision } of due) {
    const row = shown.get(product.id)
    const shows = row ? revisionOf(row.name) : -1
    if (shows < revision)
      ledger.report(
        'stale',
        `${api} shows product ${product.id} at revision ${shows}; ${revision} was acknowledged before (${cacheStatus})`,
      )
    if (row && shows > 0 && row.price !== priceOf(product, shows))
      ledger.report('torn', `product ${product.id} has the name of revision ${shows} with the price ${row.price}`)
    if (row && row.stock < 0) ledger.report('oversold', `product ${product.id} shows a stock of ${row.stock}`)
  }
}

function dueRevision({ acknowledged, found }: KnownProduct, ttlS: number): number {
  const before = performance.now() - ttlS * 1000
  return found.reduce((due, { revision, at }) => (at < before ? Math.max(due, revision) : due), acknowledged)
}
