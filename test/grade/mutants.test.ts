import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { whyNoOriginal } from '../../bench/original.ts'
import { levelReached, marksOf } from '../../grade/grade.ts'
import { lanes, mutants } from '../../grade/mutants/all-mutants.ts'
import { gradeOriginal, openStage, type Stage } from '../../grade/mutants/stage.ts'
import { lostBy } from '../../grade/mutants/tables.ts'
import { noRedis } from '../support/servers.ts'

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

  test('gives the original every point that its README promises, and no level beyond', { skip: noPython }, async () => {
    const results = await gradeOriginal()
    const { earned, possible } = marksOf(results, 'seed')
    assert.equal(earned, possible, lostBy(results).join(', '))
    assert.equal(levelReached(results), 'seed')
    for (const id of ['idempotency.at-once', 'stock.oversell', 'cache.stale-race', 'validation.characters'])
      assert.ok(lostBy(results).includes(id), id)
  })
})
