import { setTimeout as sleep } from 'node:timers/promises'
import { changeProduct, createCustomer, createProduct } from './merchant.ts'
import { randomFrom, weighted } from './random.ts'
import { readList } from './reader.ts'
import { type Client, cancelOrder, placeOrder } from './shopper.ts'

const weights = { order: 70, cancel: 6, change: 8, read: 14, product: 0.3, customer: 0.3 }
const ORDER_SHARE = weights.order / Object.values(weights).reduce((sum, weight) => sum + weight)
const MAX_PRODUCTS = 80

/** A catalogue and customers to begin with: some scarce products that many want, more that there is plenty of. */
export async function openMarket(client: Client, run: string): Promise<void> {
  const { ledger } = client
  for (let attempt = 0; attempt < 200 && ledger.customers.length < 20; attempt++) await createCustomer(client, run)
  for (let attempt = 0; attempt < 200 && ledger.products.size < 40; attempt++) {
    await createProduct(client, ledger.products.size < 8)
  }
  if (ledger.products.size < 40)
    throw new Error(`no market can be opened (is RATE_LIMIT off?): ${JSON.stringify([...ledger.counts])}`)
}

/** Clients at work until `seconds` are over; each does what its own seed says, all together at `rate` orders a second. */
export async function runClients(
  shared: Omit<Client, 'random'>,
  options: {
    seed: number
    seconds: number
    clients: number
    rate: number
    ttlS: number
    run: string
    signal: AbortSignal
  },
): Promise<void> {
  const { seed, seconds, clients, rate, ttlS, run, signal } = options
  const end = performance.now() + seconds * 1000
  const gap = (1000 / rate) * ORDER_SHARE
  let next = performance.now()
  const turn = async () => {
    // What an outage held up is made up for, but of one second at most.
    next = Math.max(next + gap, performance.now() - 1000)
    await sleep(Math.max(0, next - performance.now()))
  }
  const work = async (index: number) => {
    const client: Client = { ...shared, random: randomFrom(seed * 1000 + index) }
    for (await turn(); performance.now() < end && !signal.aborted; await turn()) {
      const action = weighted(client.random, weights)
      if (action === 'order') await placeOrder(client)
      else if (action === 'cancel') await cancelOrder(client)
      else if (action === 'change') await changeProduct(client)
      else if (action === 'read') await readList(client, ttlS)
      else if (action === 'customer') await createCustomer(client, run)
      else if (client.ledger.products.size < MAX_PRODUCTS) await createProduct(client, false)
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, index) => work(index + 1)))
}
