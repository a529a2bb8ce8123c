import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { connectDatabase, type Db } from '../src/db/database.ts'
import { migrate } from '../src/db/migrations.ts'
import { batch } from '../src/orders/batch.ts'
import { type AcceptedOrder, decideOrders } from '../src/orders/decide-orders.ts'
import { findOutcome } from '../src/orders/orders.queries.ts'
import { type Server, silent, startPostgres } from '../support/servers.ts'
import { until } from '../support/until.ts'

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
const decide = (jobs: readonly AcceptedOrder[]) => decideOrders(db, jobs)

test('orders of one group are decided one after the other: the last units go to those who came first', async () => {
  const lamp = await product(3)
  const jobs = [accepted(lamp, 2), accepted(lamp, 2), accepted(lamp, 1), accepted(lamp, 1)]
  const outcomes = await decide(jobs)
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.error.code : outcome.status)),
    ['succeeded', 'out_of_stock', 'succeeded', 'out_of_stock'],
  )
  assert.equal(await stockOf(lamp), 0)
  for (const [index, { facts }] of jobs.entries())
    assert.equal((await findOutcome(db, facts.job_id))?.status, outcomes[index]?.status)
  assert.deepEqual(await decide(jobs), outcomes, 'delivered again, they end as before')
  assert.equal(await stockOf(lamp), 0)
})

test('an order for which its group fails does not fail its neighbours', async () => {
  const lamp = await product(10)
  const done = accepted(lamp)
  const [first] = await decide([done])
  // Its outcome was forgotten and its order was not: the database refuses the whole group.
  await db.deleteFrom('order_jobs').where('job_id', '=', done.facts.job_id).execute()
  const group = [accepted(lamp), done, accepted(lamp)]
  await assert.rejects(decide(group), { code: '23505' })
  assert.equal(await stockOf(lamp), 9, 'nothing of the group is written')

  const failures: [string, number][] = []
  const decideInGroups = batch(decide, {
    most: 10,
    parallel: 2,
    onFailure: (error, size) => failures.push([(error as { code: string }).code, size]),
  })
  const outcomes = await Promise.all([...group, accepted(-1)].map(decideInGroups))
  assert.deepEqual(failures, [['23505', 4]])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['succeeded', 'succeeded', 'succeeded', 'rejected'],
  )
  assert.deepEqual(outcomes[1], first, 'the order it had made')
  assert.equal(await stockOf(lamp), 7)
})

/** A batch of doublings, each group of which is kept in `groups` and waits for its release. */
function doublings(fails: (members: readonly number[]) => boolean = () => false) {
  const groups: number[][] = []
  const releases: (() => void)[] = []
  const double = batch(
    async (members: readonly number[]) => {
      groups.push([...members])
      await new Promise<void>((resolve) => releases.push(resolve))
      if (fails(members)) throw new Error('planted')
      return members.map((member) => member * 2)
    },
    { most: 3, parallel: 2, onFailure: () => {} },
  )
  return { groups, double, release: () => releases.splice(0).forEach((release) => void release()) }
}

test('members that arrive while a group is being worked on form the next, of the size that is allowed at most', async () => {
  const { groups, double, release } = doublings()
  const first = double(1)
  await until(() => groups.length === 1)
  const rest = [2, 3, 4, 5].map(double)
  assert.deepEqual(groups, [[1]], 'the first is not delayed')
  release()
  await until(() => groups.length === 2)
  release()
  await until(() => groups.length === 3)
  release()
  assert.deepEqual(await Promise.all([first, ...rest]), [2, 4, 6, 8, 10])
  assert.deepEqual(groups, [[1], [2, 3, 4], [5]])
})

test('the members of a group that failed are tried alone, as many at the same time as allowed', async () => {
  const { groups, double, release } = doublings((members) => members.includes(2))
  const ends = Promise.allSettled([1, 2, 3].map(double))
  await until(() => groups.length === 1)
  release()
  await until(() => groups.length === 3)
  assert.deepEqual(groups, [[1, 2, 3], [1], [2]])
  release()
  await until(() => groups.length === 4)
  release()
  assert.deepEqual(
    (await ends).map((end) => (end.status === 'fulfilled' ? end.value : end.reason.message)),
    [2, 'planted', 6],
  )
})
