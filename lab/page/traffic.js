// @ts-check
import { h } from './dom.js'

/** @import { Texts } from './texts.js' */

/** More reads than the default limit admits in a minute, so that the limiter is seen at work, too. */
const READS = 12
const ORDERS = 4
const SPREAD_MS = 2500

/** Real requests to the shop from this browser, at a press. @param {Texts} texts */
export function trafficButton(texts) {
  const answers = h('p', { class: 'answers', role: 'status' })
  const button = h('button', { id: 'send-traffic', class: 'primary', type: 'button' }, texts.t('traffic.send'))
  button.addEventListener('click', async () => {
    if (button.getAttribute('aria-disabled') === 'true') return
    button.setAttribute('aria-disabled', 'true')
    answers.textContent = texts.t('traffic.sending')
    try {
      const { reads, orders } = await sendTraffic()
      const said = [
        texts.t('traffic.reads', { answers: tally(reads) }),
        texts.t('traffic.orders', { answers: tally(orders) }),
      ]
      answers.textContent = said.join(' ')
    } catch (error) {
      answers.textContent = texts.t('failed', { error: error instanceof Error ? error.message : String(error) })
    } finally {
      button.removeAttribute('aria-disabled')
    }
  })
  const explanation = h('p', { class: 'hint' }, texts.t('traffic.hint', { reads: READS, orders: ORDERS }))
  return h('div', { class: 'traffic' }, button, h('div', {}, explanation, answers))
}

/** Statuses and how often each came: `200 × 10, 429 × 2`. @param {number[]} statuses */
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

/** The customer whom this browser orders for: registered once. */
async function customer() {
  const known = sessionStorage.getItem('lab.customer')
  if (known) return Number(known)
  const email = `lab.${crypto.getRandomValues(new Uint32Array(2)).join('.')}@example.com`
  const response = await post('/customers/', { name: 'Lab', email })
  const { id } = await response.json()
  // Without one (the limit of this route is used up) the orders are taken all the same, and the worker rejects them.
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
