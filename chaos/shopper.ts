import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, ask } from '../support/http.ts'
import { isFinal } from './job.ts'
import type { KnownProduct, Ledger, OrderBody, PlacedOrder } from './ledger.ts'
import { between, pick, type Random } from './random.ts'

/** What an order or a problem is answered with, as far as clients look at it. */
export interface Receipt {
  code?: string
  job_id?: string
  detail?: string
}

/** What a client works with. */
export interface Client {
  apis: readonly string[]
  ledger: Ledger
  random: Random
  /** Succeeded orders that may be cancelled. */
  cancellable: number[]
}

/** Totals of orders by total are all different, so that an order without an owner can be told whose it is. */
let nextTotal = 1

/** Places an order; some in several copies at once, some again later, some watched to their end. */
export async function placeOrder(client: Client): Promise<void> {
  const { ledger, random } = client
  const byTotal = random() < 0.4
  const key = !byTotal || random() < 0.6 ? randomUUID() : undefined
  const body: OrderBody = {
    customer_id: pick(random, ledger.customers),
    ...(byTotal ? { total: nextTotal++ / 100 } : { items: basket(client) }),
  }
  const placed: PlacedOrder = { key, body, jobIds: new Set(), fate: 'unknown' }
  ledger.orders.push(placed)

  const copies = key && random() < 0.15 ? between(random, 2, 4) : 1
  const first = between(random, 0, client.apis.length - 1)
  await Promise.all(Array.from({ length: copies }, (_, copy) => sendOrder(client, placed, first + copy)))
  for (let again = 1; key && placed.fate !== 'accepted' && again <= 3; again++) {
    await sleep(between(random, 50, 400))
    await sendOrder(client, placed, first + again)
  }
  if (placed.fate !== 'accepted') return
  if (key && random() < 0.1) await sendOrder(client, placed, first + 1)
  if (random() < 0.2) await follow(client, placed)
}

/** Sends an order to a replica and notes what the answer says of its fate. */
export async function sendOrder({ apis, ledger }: Client, placed: PlacedOrder, api: number): Promise<void> {
  const start = performance.now()
  const answer = await ask<Receipt>(`${apis[api % apis.length]}/orders/`, {
    body: placed.body,
    ...(placed.key && { headers: { 'idempotency-key': `"${placed.key}"` } }),
  })
  ledger.count(`POST /orders/ ${answer.status || 'no answer'}${answer.json.code ? ` ${answer.json.code}` : ''}`)
  if (answer.status === 202 && answer.json.job_id) {
    placed.jobIds.add(answer.json.job_id)
    if (placed.fate !== 'accepted') ledger.acceptMs.push(performance.now() - start)
    placed.fate = 'accepted'
  } else if (answer.status !== 0 && answer.status < 500) {
    ledger.report('refused-wrongly', `a well-formed order was answered ${answer.status} ${answer.json.code}`)
  } else if (placed.fate === 'unknown' && !placed.key && changedNothing(answer)) {
    placed.fate = 'refused'
  }
}

function changedNothing({ error, json }: Answer<Receipt>): boolean {
  return error?.code === 'ECONNREFUSED' || ['queue_unavailable', 'queue_full', 'overloaded'].includes(json.code ?? '')
}

/** One to three products; often a scarce one, so that many want the same. */
function basket({ ledger, random }: Client): { product_id: number; quantity: number }[] {
  const products = [...ledger.products.values()]
  const wanted = new Map<number, KnownProduct>()
  const size = between(random, 1, 3)
  const scarce = products.filter((product) => product.scarce)
  while (wanted.size < size) {
    const product = pick(random, random() < 0.5 ? scarce : products)
    wanted.set(product.id, product)
  }
  return [...wanted.keys()].map((product_id) => ({ product_id, quantity: between(random, 1, 3) }))
}

interface Status {
  status: string
  order_id?: number
}

/** Waits a little for the outcome of an order, and remembers it. */
async function follow({ apis, ledger, random, cancellable }: Client, placed: PlacedOrder): Promise<void> {
  const [job_id = ''] = placed.jobIds
  const answer = await ask<Status>(`${pick(random, apis)}/orders/jobs/${job_id}`, { headers: { prefer: 'wait=3' } })
  ledger.count(`GET /orders/jobs/{id} ${answer.status || 'no answer'}`)
  if (answer.status === 404) ledger.report('lost', `job ${job_id} was accepted, and is not known afterwards`)
  const { status, order_id } = answer.json
  if (answer.status !== 200 || !isFinal(status)) return
  placed.seen = { job_id, status, order_id }
  const isScarce = placed.body.items?.some(({ product_id }) => ledger.products.get(product_id)?.scarce)
  if (order_id && !isScarce && cancellable.length < 5000) cancellable.push(order_id)
}

/** Cancels an order, often several times at once, until it is told that it is cancelled. */
export async function cancelOrder({ apis, ledger, random, cancellable }: Client): Promise<void> {
  if (cancellable.length === 0) return
  const at = between(random, 0, cancellable.length - 1)
  const id = cancellable[at] as number
  // Some stay in the list, to be cancelled again by somebody else.
  if (random() < 0.8) cancellable.splice(at, 1)
  if (!ledger.cancellations.has(id)) ledger.cancellations.set(id, false)
  for (let attempt = 0; attempt < 5; attempt++) {
    const first = between(random, 0, apis.length - 1)
    const answers = await Promise.all(
      Array.from({ length: between(random, 1, 4) }, (_, copy) =>
        ask<Status>(`${apis[(first + copy) % apis.length]}/orders/${id}/cancel`, { method: 'POST' }),
      ),
    )
    for (const { status, json } of answers) {
      ledger.count(`POST /orders/{id}/cancel ${status || 'no answer'}`)
      if (status === 200 && json.status !== 'cancelled')
        ledger.report('not-cancelled', `order ${id} is ${json.status} after its cancellation was answered 200`)
      if (status === 404) ledger.report('lost', `order ${id} succeeded, and is not there afterwards`)
      if (status === 200) ledger.cancellations.set(id, true)
    }
    if (ledger.cancellations.get(id)) return
    await sleep(between(random, 50, 400))
  }
}
