import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from '../support/http.ts'
import type { Facts } from './facts.ts'
import { inParallel } from './in-parallel.ts'
import { isFinal } from './job.ts'
import type { Ledger } from './ledger.ts'
import { changeProduct } from './merchant.ts'
import { type Client, cancelOrder, sendOrder } from './shopper.ts'

const WIDTH = 16
/** Longer than a killed worker's orders take to be taken over (7 s) and tried again. */
const NO_PROGRESS_MS = 30_000

/** With everything up again: asks about every order and cancellation whose answer was lost, until there is one. */
export async function resolveUnknown(client: Client): Promise<void> {
  const { ledger, apis } = client
  const unknown = ledger.orders.filter(({ key, fate }) => key && fate !== 'accepted')
  ledger.count('orders of unknown fate, asked again with their key', unknown.length)
  await inParallel(WIDTH, unknown, async (placed) => {
    for (let attempt = 0; placed.fate !== 'accepted' && attempt < 20; attempt++) {
      if (attempt > 0) await sleep(500)
      await sendOrder(client, placed, attempt)
    }
  })
  for (const [id, acknowledged] of ledger.cancellations) {
    if (!acknowledged) await cancelOrder({ ...client, apis, cancellable: [id] })
    if (!ledger.cancellations.get(id)) ledger.report('unresolved', `the cancellation of order ${id} is never answered`)
  }
}

/** Asks for every accepted order until it is final, or until nothing has moved for half a minute. */
export async function untilDrained(apis: readonly string[], ledger: Ledger): Promise<Facts['jobs']> {
  const jobs: Facts['jobs'] = new Map()
  const pending = new Set(ledger.orders.flatMap(({ jobIds }) => [...jobIds]))
  const missing = new Set<string>()
  let turn = 0
  for (
    let moved = performance.now();
    pending.size > 0 && performance.now() - moved < NO_PROGRESS_MS;
    await sleep(250)
  ) {
    await inParallel(WIDTH, [...pending], async (job_id) => {
      const url = `${apis[turn++ % apis.length]}/orders/jobs/${job_id}`
      const { status, json } = await ask<{ status: string; order_id?: number; error?: { code: string } }>(url)
      if (status === 200) jobs.set(job_id, { status: json.status, order_id: json.order_id, code: json.error?.code })
      const isLost = status === 404 && missing.has(job_id) // missing twice: it will not come back
      if (status === 404) missing.add(job_id)
      if (!isLost && !(status === 200 && isFinal(json.status))) return
      pending.delete(job_id)
      moved = performance.now()
    })
  }
  return jobs
}

interface Row {
  id: number
  name: string
  price: number
  stock: number
}

/** With nobody writing any more: after one acknowledged change, every API's list shows what the products are. */
export async function checkLists(client: Client): Promise<void> {
  const { apis, ledger } = client
  await changeProduct(client)
  const lists = await Promise.all(apis.map((api) => ask<{ products: Row[] }>(`${api}/products/`)))
  for (const id of ledger.products.keys()) {
    const { json: is } = await ask<Row>(`${apis[0]}/products/${id}`)
    for (const [index, { status, json }] of lists.entries()) {
      const shown = json.products?.find((row) => row.id === id)
      if (status !== 200) ledger.report('unresolved', `${apis[index]}/products/ answers ${status || 'nothing'} at rest`)
      else if (shown?.name !== is.name || shown.price !== is.price || shown.stock !== is.stock)
        ledger.report(
          'stale',
          `at rest ${apis[index]} lists ${JSON.stringify(shown)}, and the product is ${JSON.stringify(is)}`,
        )
    }
  }
}
