import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runningServer } from '../src/db/embedded/postmaster.ts'
import { openQueue } from '../src/patterns/queue/queue.ts'
import { silent } from '../support/servers.ts'
import type { Cores } from './cores.ts'
import { fillOriginal, fillOurs } from './fill.ts'
import { type OrderBook, originalBook, ourBook } from './orders.ts'
import { type Original, startOriginal } from './original.ts'
import { type OurProcess, type Stores, startOurs, startStores } from './ours.ts'
import { type Bare, startBare } from './references/bare.ts'

/** A shop of ours that takes orders, and whose worker starts and stops by the queue's own pause. */
export interface OrderingShop {
  url: string
  /** The process that takes them. */
  pid: number
  databaseUrl: string
  redisUrl: string | undefined
  queue: ReturnType<typeof openQueue>['queue']
  book: OrderBook
}

export interface OrderingOriginal {
  api: Original
  book: OrderBook
}

/** Everything that is measured, running, before the first measurement. */
export interface Stage {
  ours: OrderingShop
  /** The API on the same stores, with the limiter on, and set so that it admits all. */
  limited: OurProcess
  /** The API on the same stores, with a cache that never has anything. */
  uncached: OurProcess
  /** Ten times the catalogue, and the orders of a long past. */
  big: OrderingShop
  /** The API on the big one's stores, with a cache that never has anything. */
  bigUncached: OurProcess
  /** One more of these, which gets more than it can answer. */
  overloaded: OurProcess
  /** Everything in one process, on the embedded PostgreSQL and without Redis. */
  embedded: OrderingShop
  bareHttp: Bare
  bareFastify: Bare
  loggingFastify: Bare
  /** Undefined where it can't run. */
  original: OrderingOriginal | undefined
  uncachedOriginal: Original | undefined
  stop(): Promise<void>
}

/** The catalogue of the shops, but the big one's, and the orders that the small ones have to begin with. */
export const PRODUCTS = 100
const ORDERS = 1000

const noCache = ['bench/uncached.ts']

/** Starts it all. @throws, having stopped what had started, when a part does not */
export async function setStage(options: { cores: Cores; oldOrders: number; withOriginal: boolean }): Promise<Stage> {
  const { cores, oldOrders, withOriginal } = options
  const cpus = cores.measured
  const closers: (() => Promise<unknown>)[] = []
  const opened = async <Part extends { stop(): Promise<unknown> }>(part: Promise<Part>): Promise<Part> => {
    const started = await part
    closers.push(() => started.stop())
    return started
  }
  const stop = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }

  async function ordering(api: OurProcess, databaseUrl: string, redisUrl: string | undefined): Promise<OrderingShop> {
    const producer = openQueue({ databaseUrl, redisUrl, timeout: 10_000, log: silent })
    closers.push(() => producer.close())
    const queue = producer.queue as OrderingShop['queue']
    await queue.waitUntilReady()
    await queue.pause()
    return { url: api.url, pid: api.pid, databaseUrl, redisUrl, queue, book: await ourBook(databaseUrl) }
  }

  async function small() {
    const stores = await opened(startStores('track_commit_timestamp=on'))
    await fillOurs(stores.postgres.url, { products: PRODUCTS, orders: ORDERS })
    const start = (env?: Record<string, string>, modules?: readonly string[]) =>
      opened(startOurs('api', { stores, cpus, ...(env && { env }), ...(modules && { modules }) }))
    const [api, limited, uncached] = await Promise.all([
      start(),
      start({ RATE_LIMIT: '999999999/minute' }),
      start({}, noCache),
    ])
    const ours = await ordering(api, stores.postgres.url, stores.redis.url)
    await opened(startOurs('worker', { stores, cpus }))
    const bare = await Promise.all(
      (['http', 'fastify', 'fastify with its log'] as const).map((kind) => opened(startBare(kind, ours.url, cpus))),
    )
    const [bareHttp, bareFastify, loggingFastify] = bare as [Bare, Bare, Bare]
    return { ours, limited, uncached, bareHttp, bareFastify, loggingFastify }
  }

  async function large() {
    const stores: Stores = await opened(startStores())
    await fillOurs(stores.postgres.url, { products: 10 * PRODUCTS, orders: oldOrders })
    const api = await opened(startOurs('api', { stores, cpus }))
    const uncached = () => opened(startOurs('api', { stores, cpus, modules: noCache }))
    const [bigUncached, overloaded] = [await uncached(), await uncached()]
    const big = await ordering(api, stores.postgres.url, stores.redis.url)
    await opened(startOurs('worker', { stores, cpus }))
    return { big, bigUncached, overloaded }
  }

  async function allInOne(): Promise<OrderingShop> {
    const process = await opened(startOurs('all', { cpus: cores.all }))
    const server = runningServer(join(process.dataDir, 'postgres'))
    const password = readFileSync(join(process.dataDir, 'password'), 'utf8').trim()
    const databaseUrl = `postgres://postgres:${password}@127.0.0.1:${server?.port}/postgres`
    await fillOurs(databaseUrl, { products: PRODUCTS, orders: ORDERS })
    return ordering(process, databaseUrl, undefined)
  }

  async function theOriginal(cacheTtl: number): Promise<Original | undefined> {
    if (!withOriginal) return undefined
    const api = await opened(startOriginal({ rateLimit: 'off', workers: 0, cacheTtl, ...(cpus && { cpus }) }))
    await fillOriginal(api.databaseUrl, PRODUCTS)
    return api
  }

  const parts = await Promise.allSettled([small(), large(), allInOne(), theOriginal(60), theOriginal(0)])
  const failed = parts.find((part) => part.status === 'rejected')
  if (failed) {
    await stop()
    throw failed.reason
  }
  const [shops, bigShops, embedded, original, uncachedOriginal] = parts.map(
    (part) => (part as PromiseFulfilledResult<unknown>).value,
  ) as [
    Awaited<ReturnType<typeof small>>,
    Awaited<ReturnType<typeof large>>,
    OrderingShop,
    Original | undefined,
    Original | undefined,
  ]
  return {
    ...shops,
    ...bigShops,
    embedded,
    original: original && { api: original, book: originalBook(original.databaseUrl) },
    uncachedOriginal,
    stop,
  }
}
