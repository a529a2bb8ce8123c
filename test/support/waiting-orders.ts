import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { openQueue } from '../../src/patterns/queue/queue.ts'
import { type Answer, send } from '../../support/http.ts'
import { silent } from '../../support/servers.ts'
import { until } from '../../support/until.ts'
import type { Fixture, Reachable } from './failing-shop.ts'
import { settled } from './order-client.ts'

const QUEUED = 2
const STOCK = 100

/**
 * Orders that a failure meets on their way: `atHand` of them held by workers in the middle of their transactions, until
 * they are released, and two queued behind them. So many have to be all that the workers may have at hand.
 */
export async function waitingOrders(all: Fixture<Reachable>, atHand: number) {
  const { shop, customer_id } = all
  const product_id = (await send(`${shop.url}/products/`, { body: { name: 'Vase', price: 3, stock: STOCK } })).json.id
  const holder = new pg.Client({ connectionString: shop.postgres.url })
  holder.on('error', () => {}) // the server is killed under it
  await holder.connect()
  await holder.query('begin')
  await holder.query('select 1 from customers where id = $1 for update', [customer_id])

  const keys = Array.from({ length: atHand + QUEUED }, () => randomUUID())
  const order = (key: string) => {
    const body = { customer_id, items: [{ product_id, quantity: 1 }] }
    return send(`${shop.url}/orders/`, { body, headers: { 'idempotency-key': key } })
  }
  const accepted = await Promise.all(keys.map((key) => until(async () => taken(await order(key)))))
  /** What the clients are told now, by a shop at this URL. */
  const statuses = (url = shop.url) => Promise.all(accepted.map(({ json }) => send(url + json.status_url)))
  const inState = async (state: string) => (await statuses()).flatMap(({ json }, n) => (json.status === state ? n : []))
  const [running, queued] = await until(async () => {
    const both = [await inState('running'), await inState('queued')] as const
    return both[0].length === atHand && both[1].length === QUEUED && both
  }).catch(async (error) => {
    await holder.end()
    throw error
  })
  const some = (places: number[]) => async (url?: string) => {
    const answers = await statuses(url)
    return places.map((place) => answers[place] as Answer)
  }

  return {
    running: some(running),
    queued: some(queued),
    /** Lets those at hand go on. */
    release: () => holder.end(),
    /**
     * All are made, each once, whether their clients send them again or not, and the queue has nothing left of them.
     * Returns their final states.
     */
    async madeOnce() {
      const again = await Promise.all(keys.map((key) => until(async () => taken(await order(key)))))
      const ids = accepted.map(({ json }) => json.job_id)
      assert.deepEqual(
        again.map(({ json }) => json.job_id),
        ids,
      )
      const jobs = []
      for (const answer of again) jobs.push(await settled(shop.url, answer))
      for (const job of jobs) assert.equal(job.status, 'succeeded')
      const orders = (await send(`${shop.url}/orders/`)).json.map(({ job_id }: { job_id: string }) => job_id)
      assert.deepEqual(orders.filter((id: string) => ids.includes(id)).toSorted(), ids.toSorted())
      assert.equal((await send(`${shop.url}/products/${product_id}`)).json.stock, STOCK - ids.length)
      await drained(all)
      return jobs
    },
  }
}

const taken = (answer: Answer) => answer.status === 202 && answer

/** Nothing waits, is at hand or has failed, as the queue has it. */
export async function drained({ shop }: Fixture<Reachable>): Promise<void> {
  const store = { redisUrl: shop.redis?.url, databaseUrl: shop.postgres.url, timeout: 1000, log: silent }
  const { queue, close } = openQueue(store)
  try {
    await until(async () => {
      const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed')
      return Object.values(counts).every((count) => count === 0)
    })
  } finally {
    await close()
  }
}
