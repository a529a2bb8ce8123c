import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from '../support/http.ts'
import { type KnownProduct, nameOf, priceOf, revisionOf } from './ledger.ts'
import { between, pick, type Random } from './random.ts'
import type { Client } from './shopper.ts'

interface Product {
  id: number
  name: string
  price: number
  stock: number
}

/** Products being changed now: one merchant each, so that the delta of a change is known exactly. */
const busy = new Set<number>()

/** Adds a product; one whose answer was lost may exist, but nobody will ever ask for it. */
export async function createProduct({ apis, ledger, random }: Client, scarce: boolean): Promise<void> {
  const stock = scarce ? between(random, 5, 50) : between(random, 500, 5000)
  const basePrice = between(random, 100, 50_000) / 100
  const answer = await ask<Product>(`${pick(random, apis)}/products/`, {
    body: { name: 'Lamp', price: basePrice, stock },
  })
  ledger.count(`POST /products/ ${answer.status || 'no answer'}`)
  if (answer.status !== 201) return
  const { id } = answer.json
  ledger.products.set(id, {
    id,
    scarce,
    initialStock: stock,
    added: 0,
    changes: 0,
    acknowledged: 0,
    found: [],
    basePrice,
  })
}

export async function createCustomer({ apis, ledger, random }: Client, run: string): Promise<void> {
  const email = `client-${run}-${ledger.customers.length}-${Math.floor(random() * 1e9)}@example.com`
  const answer = await ask<{ id: number }>(`${pick(random, apis)}/customers/`, { body: { name: 'Client', email } })
  ledger.count(`POST /customers/ ${answer.status || 'no answer'}`)
  if (answer.status === 201) ledger.customers.push(answer.json.id)
}

interface Change {
  etag: string
  revision: number
  delta: number
  body: { name: string; price: number; stock: number }
}

/**
 * Changes name, price and stock of a product under `If-Match`, and does not let go before it knows whether it did:
 * a change whose answer was lost is looked for, and while it may still arrive (the product has the version it asks for)
 * it is sent again, which can't do it twice.
 */
export async function changeProduct(client: Client, patienceMs = 90_000): Promise<void> {
  const { apis, ledger, random } = client
  const product = pick(random, [...ledger.products.values()])
  if (busy.has(product.id)) return
  busy.add(product.id)
  try {
    let unknown: Change | undefined
    for (const end = performance.now() + patienceMs; performance.now() < end; await sleep(100)) {
      const url = `${pick(random, apis)}/products/${product.id}`
      const now = await ask<Product>(url)
      ledger.count(`GET /products/{id} ${now.status || 'no answer'}`)
      if (now.status !== 200) continue
      const etag = now.headers.get('etag') ?? ''
      if (unknown && revisionOf(now.json.name) === unknown.revision) return happened(product, unknown, false)
      const change: Change = unknown?.etag === etag ? unknown : nextChange(product, now.json, etag, random)
      const answer = await ask<Product>(url, { method: 'PATCH', headers: { 'if-match': etag }, body: change.body })
      ledger.count(`PATCH /products/{id} ${answer.status || 'no answer'}`)
      if (answer.status === 200) return happened(product, change, true)
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 412)
        return ledger.report('refused-wrongly', `a well-formed change was answered ${answer.status}`)
      unknown = answer.status === 412 && change !== unknown ? undefined : change
    }
    if (unknown) ledger.report('unresolved', `a change of product ${product.id} was not answered in ${patienceMs} ms`)
  } finally {
    busy.delete(product.id)
  }
}

function nextChange(product: KnownProduct, { name, stock }: Product, etag: string, random: Random): Change {
  const revision = revisionOf(name) + 1
  const delta = Math.max(
    -stock,
    random() < 0.2 ? between(random, -10, -1) : between(random, 0, product.scarce ? 60 : 100),
  )
  return {
    etag,
    revision,
    delta,
    body: { name: nameOf(product, revision), price: priceOf(product, revision), stock: stock + delta },
  }
}

function happened(product: KnownProduct, { revision, delta }: Change, acknowledged: boolean): void {
  product.added += delta
  product.changes += 1
  if (acknowledged) product.acknowledged = revision
  else product.found.push({ revision, at: performance.now() })
}
