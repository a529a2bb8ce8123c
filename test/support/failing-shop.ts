import assert from 'node:assert/strict'
import { type Answer, send } from '../../support/http.ts'
import { until } from '../../support/until.ts'
import { inTime } from './free-machine.ts'
import { settled } from './order-client.ts'
import { openShop, type TestShop } from './shop.ts'

const REQUEST_TIMEOUT = 2000
/** Of a shop whose parts will fail: short waits, and a limit that counts and never refuses. */
export const settings = { REQUEST_TIMEOUT: `${REQUEST_TIMEOUT}`, RATE_LIMIT: '100000/minute' }
/** What a busy machine may add to a bound that the shop keeps by its own clock. */
const SLACK = 1500

/** Any shop that can be asked, and whose stores can. */
export interface Reachable {
  url: string
  postgres: { url: string }
  redis?: { url: string } | undefined
}

export interface Fixture<Shop extends Reachable = TestShop> {
  shop: Shop
  customer_id: number
  product_id: number
  /** The state of an order that ended before the failure. */
  ended: Answer
}

/** Every capability once: none may wait longer than the timeout, whatever it answers, and the limiter counts on. */
export async function probe({ shop, customer_id, product_id, ended }: Fixture<Reachable>, key: string) {
  const body = { customer_id, items: [{ product_id, quantity: 1 }] }
  const ask = () =>
    Promise.all([
      send(`${shop.url}/products/`),
      send(`${shop.url}/products/${product_id}`),
      send(`${shop.url}/products/`, { body: { name: key, price: 1, stock: 1 } }),
      send(`${shop.url}/orders/`, { body, headers: { 'idempotency-key': key } }),
      send(shop.url + ended.json.status_url),
      send(`${shop.url}/health/ready`),
      send(`${shop.url}/health/live`),
    ])
  const [list, one, write, order, status, health, live] = await inTime(REQUEST_TIMEOUT + SLACK, ask)
  for (const { headers } of [list, one, write, order, status]) assert.match(headers.get('ratelimit') ?? '', /r=\d+/)
  return { list, one, write, order, status, health, live }
}

/** A shop with a customer, a product of 100 units and an order that has ended. */
export async function fixture(options: { redis: boolean; env?: Record<string, string> }): Promise<Fixture> {
  const shop = await openShop({ redis: options.redis, env: { ...settings, ...options.env } })
  return furnish(shop).catch(async (error) => {
    await shop.close()
    throw error
  })
}

/** Gives a shop what `fixture` has. */
export async function furnish<Shop extends Reachable>(shop: Shop): Promise<Fixture<Shop>> {
  const customer_id = (await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })).json
    .id
  const product_id = await lamp(shop.url)
  const ended = await until(async () => {
    const answer = await send(`${shop.url}/orders/`, { body: { customer_id, total: 1 } })
    return answer.status === 202 && answer
  })
  assert.equal((await settled(shop.url, ended)).status, 'succeeded')
  return { shop, customer_id, product_id, ended }
}

const lamp = async (url: string): Promise<number> =>
  (await send(`${url}/products/`, { body: { name: 'Lamp', price: 2, stock: 100 } })).json.id

/** The same for another test, with a product of its own. */
export async function renewed<Shop extends Reachable>(all: Fixture<Shop>): Promise<Fixture<Shop>> {
  return { ...all, product_id: await lamp(all.shop.url) }
}

export const recovered = ({ shop }: Fixture<Reachable>) =>
  until(async () => (await send(`${shop.url}/health`)).json.status === 'ok')

/** The limiter counts on: of two requests the second has one less left. */
export async function assertLimited(url: string): Promise<void> {
  const left = async () => Number(/r=(\d+)/.exec((await send(`${url}/customers/`)).headers.get('ratelimit') ?? '')?.[1])
  // One that left the window between the two, or a Redis that was late once, makes it another number.
  await until(async () => (await left()) - 1 === (await left()))
}

/** An order with this key is taken now, made once, and took one unit. */
export async function orderedOnce({ shop, customer_id, product_id }: Fixture<Reachable>, key: string): Promise<void> {
  const body = { customer_id, items: [{ product_id, quantity: 1 }] }
  const accepted = await until(async () => {
    const answer = await send(`${shop.url}/orders/`, { body, headers: { 'idempotency-key': key } })
    return answer.status === 202 && answer
  })
  const job = await settled(shop.url, accepted)
  assert.equal(job.status, 'succeeded')
  const orders = (await send(`${shop.url}/orders/`)).json.filter(
    (order: { job_id: string }) => order.job_id === job.job_id,
  )
  assert.equal(orders.length, 1)
  assert.equal((await send(`${shop.url}/products/${product_id}`)).json.stock, 99)
}
