import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { connectDatabase, type Db } from '../src/db/database.ts'
import { migrate } from '../src/db/migrations.ts'
import { inGroups } from '../src/orders/batch.ts'
import { findOutcome } from '../src/orders/orders.queries.ts'
import { type AcceptedOrder, processOrder } from '../src/orders/process-order.ts'
import { type Server, silent, startPostgres } from './support/servers.ts'

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

async function product(stock: number): Promise<number> {
  const row = { name: 'Lamp', price: 10, stock }
  return (await db.insertInto('products').values(row).returning('id').executeTakeFirstOrThrow()).id
}
const stockOf = async (id: number) =>
  (await db.selectFrom('products').select('stock').where('id', '=', id).executeTakeFirstOrThrow()).stock

const accepted = (product_id: number, quantity = 1): AcceptedOrder => ({
  facts: { job_id: randomUUID(), attempts: 1, accepted_at: new Date() },
  order: { customer_id, items: [{ product_id, quantity }] },
})
const together = (jobs: readonly AcceptedOrder[]) => {
  assert.ok(processOrder.together)
  return processOrder.together(db, jobs)
}
const alone = ({ facts, order }: AcceptedOrder) => processOrder(db, facts, order)

test('orders of one group are decided one after the other: the last units go to those who came first', async () => {
  const lamp = await product(3)
  const jobs = [accepted(lamp, 2), accepted(lamp, 2), accepted(lamp, 1), accepted(lamp, 1)]
  const outcomes = await together(jobs)
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.error.code : outcome.status)),
    ['succeeded', 'out_of_stock', 'succeeded', 'out_of_stock'],
  )
  assert.equal(await stockOf(lamp), 0)
  for (const [index, { facts }] of jobs.entries())
    assert.equal((await findOutcome(db, facts.job_id))?.status, outcomes[index]?.status)
  assert.deepEqual(await together(jobs), outcomes, 'delivered again, they end as before')
  assert.equal(await stockOf(lamp), 0)
})

test('an order for which its group fails does not fail its neighbours', async () => {
  const lamp = await product(10)
  const done = accepted(lamp)
  const first = await alone(done)
  // Its outcome was forgotten and its order was not: the database refuses the whole group.
  await db.deleteFrom('order_jobs').where('job_id', '=', done.facts.job_id).execute()
  const group = [accepted(lamp), done, accepted(lamp)]
  await assert.rejects(together(group), { code: '23505' })
  assert.equal(await stockOf(lamp), 9, 'nothing of the group is written')

  const decide = inGroups(together, alone, 10)
  const outcomes = await Promise.all([...group, accepted(-1)].map(decide))
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['succeeded', 'succeeded', 'succeeded', 'rejected'],
  )
  assert.deepEqual(outcomes[1], first, 'the order it had made')
  assert.equal(await stockOf(lamp), 7)
})

test('who comes while a group is being worked on is in the next, which has the size that is allowed at most', async () => {
  const groups: number[][] = []
  const running = Promise.withResolvers<void>()
  const work = inGroups(
    async (members: readonly number[]) => {
      groups.push([...members])
      await running.promise
      return members.map((member) => member * 2)
    },
    async (member) => {
      groups.push([member])
      await running.promise
      return member * 2
    },
    3,
  )
  const first = work(1)
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  const rest = [2, 3, 4, 5].map(work)
  assert.deepEqual(groups, [[1]], 'the first waits for nobody')
  running.resolve()
  assert.deepEqual(await Promise.all([first, ...rest]), [2, 4, 6, 8, 10])
  assert.deepEqual(groups, [[1], [2, 3, 4], [5]])
})
