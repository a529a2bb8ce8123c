import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { connectDatabase, type Db } from '../src/db/database.ts'
import { migrate } from '../src/db/migrations.ts'
import { toMinor } from '../src/money.ts'
import { cancelOrder } from '../src/orders/cancel-order.ts'
import { decideOrders } from '../src/orders/decide-orders.ts'
import { insertOutcome, type JobFacts } from '../src/orders/decisions.queries.ts'
import { jobStatuses } from '../src/orders/job-status.ts'
import type { NewOrder } from '../src/orders/order.ts'
import type { OrderQueue, Outcome } from '../src/orders/order-job.ts'
import { findOrder, findOutcome } from '../src/orders/orders.queries.ts'
import { purge } from '../src/orders/purge.ts'
import { openQueueChanges } from '../src/patterns/queue/queue-changes.ts'
import { type Server, silent, startPostgres } from '../support/servers.ts'
import { runs } from './support/property.ts'

let postgres: Server
let db: Db
let customer_id: number

before(async () => {
  postgres = await startPostgres('fsync=off') // nothing is killed here
  db = connectDatabase(postgres.url, { max: 12, timeout: 10_000, log: silent })
  await migrate(db)
  const customer = { name: 'Ana', email: 'ana@example.com' }
  customer_id = (await db.insertInto('customers').values(customer).returning('id').executeTakeFirstOrThrow()).id
})
after(async () => {
  await db.destroy()
  await postgres.stop()
})

interface ModelProduct {
  id: number
  price: number
  stock: number
}
interface ModelOrder {
  job_id: string
  outcome: Outcome
  items: { product_id: number; quantity: number }[]
  cancelled: boolean
}
/** What the rules say there should be. */
interface Model {
  products: ModelProduct[]
  orders: ModelOrder[]
}

test('an order whose outcome was forgotten is not made again, and never reads rejected or failed', async () => {
  const [product] = await insertProducts([{ price: 10, stock: 1 }])
  assert.ok(product)
  const order = { customer_id, items: [{ product_id: product.id, quantity: 1 }] }
  const job = facts(randomUUID())
  const first = await decideOrder(job, order)
  assert.equal(first.status, 'succeeded')
  await purge(db, 0)
  assert.equal(await findOutcome(db, job.job_id), undefined)
  // Decided anew it would be out of stock now; with stock it would be made twice.
  assert.deepEqual(await decideOrder(job, order), first)
  assert.equal((await findOutcome(db, job.job_id))?.status, 'succeeded', 'it can be asked for again')
  await purge(db, 0)
  await db.updateTable('products').set({ stock: 5 }).where('id', '=', product.id).execute()
  assert.deepEqual(await decideOrder(job, order), first)
  await purge(db, 0)
  assert.equal(await insertOutcome(db, job, 'failed', { code: 'x', detail: 'x' }), false)
  await assertStock({ products: [{ ...product, stock: 5 }], orders: [] })
})

test('a job that ends and leaves the queue while its state is being asked for is not taken for unknown', async () => {
  const order = { customer_id, total: 1 }
  const job = facts(randomUUID())
  const one = connectDatabase(postgres.url, { max: 1, timeout: 10_000, log: silent }) // so that each query has its turn
  const queue = {
    async getJobState() {
      await setImmediate() // the look into the database goes first, and finds nothing
      await decideOrder(job, order, one)
      return 'unknown'
    },
    async getJob() {},
  } as unknown as OrderQueue['queue']
  const changes = openQueueChanges({ redisUrl: undefined, databaseUrl: postgres.url, timeout: 10_000, log: silent })
  const statuses = jobStatuses({ db: one, queue, changes, timeout: 10_000, maxStreams: 1 })
  assert.equal((await statuses.read(job.job_id)).status, 'succeeded')
  await one.destroy()
})

async function decideOrder(facts: JobFacts, order: NewOrder, on = db): Promise<Outcome> {
  const [outcome] = await decideOrders(on, [{ facts, order }])
  return outcome ?? assert.fail('no outcome')
}
const facts = (job_id: string) => ({ job_id, attempts: 1, accepted_at: new Date() })
const products = fc.array(
  fc.record({ price: fc.integer({ min: 0, max: 100_000 }).map((cents) => cents / 100), stock: fc.nat(6) }),
  { minLength: 1, maxLength: 3 },
)

async function insertProducts(rows: { price: number; stock: number }[]): Promise<ModelProduct[]> {
  const columns = ['id', 'price', 'stock'] as const
  const inserted = db.insertInto('products').values(rows.map((row) => ({ name: 'Lamp', ...row })))
  return (await inserted.returning(columns).execute()).sort((a, b) => a.id - b.id)
}

async function assertStock({ products: expected }: Model): Promise<void> {
  const ids = expected.map(({ id }) => id)
  const rows = await db.selectFrom('products').select(['id', 'stock']).where('id', 'in', ids).orderBy('id').execute()
  assert.deepEqual(
    rows,
    expected.map(({ id, stock }) => ({ id, stock })),
  )
}

/** An order of some of the products, with or without the total the client believes in. */
class Order implements fc.AsyncCommand<Model, undefined> {
  readonly quantities: number[]
  readonly total: 'none' | 'right' | 'wrong'
  constructor(quantities: number[], total: 'none' | 'right' | 'wrong') {
    this.quantities = quantities
    this.total = total
  }
  check = ({ products }: Readonly<Model>) => this.quantities.slice(0, products.length).some((quantity) => quantity > 0)

  async run(model: Model): Promise<void> {
    const wanted = model.products.flatMap((product, index) => {
      const quantity = this.quantities[index] ?? 0
      return quantity > 0 ? [{ product, quantity }] : []
    })
    const cents = wanted.reduce((sum, { product, quantity }) => sum + toMinor(product.price) * BigInt(quantity), 0n)
    const items = wanted.map(({ product, quantity }) => ({ product_id: product.id, quantity })).reverse()
    const total = Number(this.total === 'wrong' ? cents + 1n : cents) / 100
    const job_id = randomUUID()
    const outcome = await decideOrder(facts(job_id), {
      customer_id,
      items,
      ...(this.total !== 'none' && { total }),
    })
    model.orders.push({ job_id, outcome, items, cancelled: false })

    const isShort = wanted.some(({ product, quantity }) => product.stock < quantity)
    const rejection = isShort ? 'out_of_stock' : this.total === 'wrong' ? 'price_changed' : undefined
    assert.equal(outcome.status === 'succeeded' ? undefined : outcome.error.code, rejection)
    if (outcome.status === 'succeeded') {
      for (const { product, quantity } of wanted) product.stock -= quantity
      const order = await findOrder(db, outcome.order_id)
      assert.ok(order)
      assert.equal(toMinor(order.total), cents)
      const lines = order.items.map(({ product_id, quantity }) => ({ product_id, quantity }))
      assert.deepEqual(lines, [...items].reverse())
    }
    await assertStock(model)
  }
  toString = () => `order ${this.quantities.join('+')}, total ${this.total}`
}

/** A job that the queue delivers once more. */
class Redeliver implements fc.AsyncCommand<Model, undefined> {
  readonly which: number
  constructor(which: number) {
    this.which = which
  }
  check = ({ orders }: Readonly<Model>) => orders.length > 0

  async run(model: Model): Promise<void> {
    const order = model.orders[this.which % model.orders.length]
    assert.ok(order)
    const again = await decideOrder(facts(order.job_id), { customer_id, items: order.items })
    assert.deepEqual(again, order.outcome)
    await assertStock(model)
  }
  toString = () => `deliver again ${this.which}`
}

class Cancel implements fc.AsyncCommand<Model, undefined> {
  readonly which: number
  constructor(which: number) {
    this.which = which
  }
  check = ({ orders }: Readonly<Model>) => orders.some(({ outcome }) => outcome.status === 'succeeded')

  async run(model: Model): Promise<void> {
    const succeeded = model.orders.filter(({ outcome }) => outcome.status === 'succeeded')
    const order = succeeded[this.which % succeeded.length]
    assert.ok(order?.outcome.status === 'succeeded')
    assert.equal(await cancelOrder(db, order.outcome.order_id), !order.cancelled)
    for (const { product_id, quantity } of order.cancelled ? [] : order.items) {
      const product = model.products.find(({ id }) => id === product_id)
      assert.ok(product)
      product.stock += quantity
    }
    order.cancelled = true
    await assertStock(model)
  }
  toString = () => `cancel ${this.which}`
}

test('orders, deliveries again and cancellations do what a model of the rules does', async () => {
  const commands = fc.commands(
    [
      fc
        .tuple(fc.array(fc.nat(4), { minLength: 3, maxLength: 3 }), fc.constantFrom('none', 'right', 'wrong'))
        .map(([quantities, total]) => new Order(quantities, total)),
      fc.nat().map((which) => new Redeliver(which)),
      fc.nat().map((which) => new Cancel(which)),
    ],
    { maxCommands: 25 },
  )
  const property = fc.asyncProperty(products, commands, async (rows, sequence) => {
    const model: Model = { products: await insertProducts(rows), orders: [] }
    await fc.asyncModelRun(() => ({ model, real: undefined }), sequence)
  })
  await fc.assert(property, runs(60))
})

test('whatever runs at the same time, stock is what was there less what was sold, and a job has one order', async () => {
  const burst = fc.record({
    quantities: fc.array(fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 8 }),
    deliveries: fc.integer({ min: 1, max: 3 }),
    cancels: fc.integer({ min: 0, max: 3 }),
  })
  const property = fc.asyncProperty(products, burst, async (rows, { quantities, deliveries, cancels }) => {
    const stocked = await insertProducts(rows)
    const jobs = quantities
      .map((wanted) => stocked.map(({ id }, index) => ({ product_id: id, quantity: wanted[index] ?? 0 })))
      // Named in either order: locks must not be taken as they are named.
      .map((items, index) => (index % 2 ? items.reverse() : items).filter(({ quantity }) => quantity > 0))
      .filter((items) => items.length > 0)
      .map((items) => ({ job_id: randomUUID(), items }))
    const left = new Map(stocked.map(({ id, stock }) => [id, stock]))
    await Promise.all(
      jobs.map(async ({ job_id, items }) => {
        const deliver = () => decideOrder(facts(job_id), { customer_id, items })
        const [first, ...again] = await Promise.all(Array.from({ length: deliveries }, deliver))
        for (const outcome of again) assert.deepEqual(outcome, first)
        if (first?.status !== 'succeeded') return
        const { order_id } = first
        const given = await Promise.all(Array.from({ length: cancels }, () => cancelOrder(db, order_id)))
        assert.equal(given.filter(Boolean).length, Math.min(1, cancels))
        if (cancels > 0) return
        for (const { product_id, quantity } of items) left.set(product_id, (left.get(product_id) ?? 0) - quantity)
      }),
    )
    await assertStock({
      products: stocked.map((product) => ({ ...product, stock: left.get(product.id) ?? 0 })),
      orders: [],
    })
    for (const { job_id } of jobs) {
      const orders = await db.selectFrom('orders').select('id').where('job_id', '=', job_id).execute()
      const outcome = await findOutcome(db, job_id)
      assert.deepEqual(orders, outcome?.order_id ? [{ id: outcome.order_id }] : [])
    }
  })
  await fc.assert(property, runs(60))
})
