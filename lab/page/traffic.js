// @ts-check
import { html } from 'htm/preact'
import { useState } from 'preact/hooks'
import { useLab } from './lab-context.js'

/** More reads than the default limit admits in a minute, so that the limiter refuses some. */
const READS = 12
const ORDERS = 4
const SPREAD_MS = 2500

/** A button that sends real requests to the shop from this browser. */
export function Traffic() {
  const { t } = useLab().texts
  const [isSending, setIsSending] = useState(false)
  const [answers, setAnswers] = useState('')
  async function send() {
    if (isSending) return
    setIsSending(true)
    setAnswers(t('traffic.sending'))
    try {
      const { reads, orders } = await sendTraffic()
      setAnswers(`${t('traffic.reads', { answers: tally(reads) })} ${t('traffic.orders', { answers: tally(orders) })}`)
    } catch (error) {
      setAnswers(t('failed', { error: String(error) }))
    } finally {
      setIsSending(false)
    }
  }
  return html`
    <div class="traffic">
      <button id="send-traffic" class="primary" type="button" aria-disabled=${isSending} onClick=${send}>
        ${t('traffic.send')}
      </button>
      <div>
        <p class="hint">${t('traffic.hint', { reads: READS, orders: ORDERS })}</p>
        <p class="answers" role="status">${answers}</p>
      </div>
    </div>`
}

/** Statuses and their counts: `200 × 10, 429 × 2`. @param {number[]} statuses */
function tally(statuses) {
  const counts = new Map()
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1)
  return [...counts].map(([status, count]) => `${status}\u00a0×\u00a0${count}`).join(', ')
}

/** @returns {Promise<{ reads: number[], orders: number[] }>} the statuses of the answers */
async function sendTraffic() {
  const customer_id = await customer()
  const reads = Array.from({ length: READS }, (_, index) => later((index * SPREAD_MS) / READS, readProducts))
  const orders = Array.from({ length: ORDERS }, (_, index) =>
    later((index * SPREAD_MS) / ORDERS, () => post('/orders/', { customer_id, total: 9.99 + index })),
  )
  return {
    reads: await Promise.all(reads),
    orders: await Promise.all(orders.map(async (order) => (await order).status)),
  }
}

async function readProducts() {
  const response = await fetch('/products/', { cache: 'no-store' })
  await response.arrayBuffer()
  return response.status
}

/** The customer of this browser's orders, registered once. */
async function customer() {
  const known = sessionStorage.getItem('lab.customer')
  if (known) return Number(known)
  const email = `lab.${crypto.getRandomValues(new Uint32Array(2)).join('.')}@example.com`
  const response = await post('/customers/', { name: 'Lab', email })
  const { id } = await response.json()
  // Without a customer (this route's limit is used up) the orders are accepted anyway, and the worker rejects them.
  if (!response.ok) return 1
  sessionStorage.setItem('lab.customer', String(id))
  return id
}

/** @param {string} path @param {unknown} body */
function post(path, body) {
  const headers = { 'content-type': 'application/json' }
  return fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** @template T @param {number} ms @param {() => Promise<T>} what @returns {Promise<T>} */
function later(ms, what) {
  return new Promise((resolve, reject) => setTimeout(() => what().then(resolve, reject), ms))
}
