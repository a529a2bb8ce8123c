import { ask, must } from '../../support/http.ts'
import { eventually } from './timing.ts'

const PATIENCE_MS = 30_000

/**
 * Registers a customer and places one order of one cent, so that all connections are open before anything is measured.
 * Returns the customer's id.
 */
export async function letFirstOrderThrough(url: string, signal: AbortSignal): Promise<number> {
  const { id: customer_id } = await must<{ id: number }>(`${url}/customers/`, {
    body: { name: 'Ana', email: 'ana@lab.example' },
  })
  let job = ''
  await eventually('an order is accepted', PATIENCE_MS, signal, async () => {
    const answer = await ask<{ status_url?: string }>(`${url}/orders/`, { body: { customer_id, total: 0.01 } })
    job = answer.json.status_url ?? ''
    return answer.status === 202
  })
  await eventually('the order is decided', PATIENCE_MS, signal, async () => {
    const { json } = await ask<{ status: string }>(url + job)
    return json.status === 'succeeded'
  })
  return customer_id
}
