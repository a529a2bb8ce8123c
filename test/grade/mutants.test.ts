import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { whyNoOriginal } from '../../bench/original.ts'
import { lanes, mutants } from '../../grade/mutants/all-mutants.ts'
import { gradeOriginal, openStage, type Stage } from '../../grade/mutants/stage.ts'
import { lostBy } from '../../grade/mutants/tables.ts'
import { noRedis } from '../../support/servers.ts'

const noPython = whyNoOriginal()
if (noPython && process.env.CI) throw new Error(`in CI nothing is skipped, and there is ${noPython}`)

// Most of the time is waiting: the lanes run side by side, each on servers of its own.
describe('the grader', { concurrency: true, skip: noRedis }, () => {
  for (const names of [['ours'], ...lanes]) {
    describe(`on ${names[0]} and so on`, { concurrency: 1 }, () => {
      let stage: Stage
      before(async () => {
        stage = await openStage()
      })
      after(() => stage?.close())
      for (const name of names) {
        const { defect, loses = [] } = mutants[name] ?? {}
        test(`takes from ${name}${defect ? `, where ${defect},` : ''} ${loses.join(', ') || 'nothing'}`, async () => {
          const results = await stage.grade(name)
          const came = results.flatMap(({ check, came, outcome }) =>
            came && outcome !== 'skipped' ? [`${check.id}: ${came.en}`] : [],
          )
          assert.deepEqual(lostBy(results).sort(), [...loses].sort(), came.join('\n'))
          if (!defect)
            assert.ok(
              results.every(({ outcome }) => outcome === 'passed'),
              'ours is tried with everything',
            )
        })
      }
    })
  }

  test('gives the original every point of seed that needs no new product', { skip: noPython }, async () => {
    const results = await gradeOriginal()
    const seed = results.filter(({ check }) => check.level === 'seed')
    // Its new product is wrapped in `data`, so the first of these fails and the others can't be tried.
    const needProduct = ['contract.product', 'contract.catalogue', 'cache.hit', 'cache.miss', 'cache.own-write']
    assert.deepEqual(lostBy(seed), [...needProduct, 'cache.time', 'cache.shown', 'cache.ttl'])
    for (const id of ['idempotency.at-once', 'queue.202', 'contract.etag', 'validation.characters'])
      assert.ok(lostBy(results).includes(id), id)
  })
})
