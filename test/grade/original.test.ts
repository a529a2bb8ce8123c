import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Original, startOriginal, whyNoOriginal } from '../../bench/original.ts'
import { type Answer, send } from '../../support/http.ts'
import { noRedis } from '../../support/servers.ts'
import { until } from '../../support/until.ts'
import { assertTold, creations, reads } from '../support/original-calls.ts'

const noPython = whyNoOriginal()
if (noPython && process.env.CI) throw new Error(`in CI nothing is skipped, and there is ${noPython}`)

describe('the original, as rebuilt in bench/original', { skip: noPython ?? noRedis }, () => {
  let original: Original
  before(async () => {
    original = await startOriginal({ rateLimit: 'off' })
  })
  after(() => original?.stop())
  const ask = (path: string, body?: object) => send(original.url + path, { body })

  test('answers as ADR 7 says', async () => {
    const { '/customers/': customer, '/products/': product } = creations
    assert.equal((await ask('/products/', product)).status, 422, 'its load script sends no stock')
    assertTold('original', 'POST /products/', await ask('/products/', { ...product, stock: 1 }))
    const created = await ask('/customers/', customer)
    assertTold('original', 'POST /customers/', created)
    assertTold('original', 'an e-mail address that is taken', await ask('/customers/', customer))
    assertTold('original', 'an order for an unknown customer', await ask('/orders/', { customer_id: 0, total: 1 }))
    assertTold('original', 'POST /orders/', await ask('/orders/', { customer_id: created.json.id, total: 199.99 }))
    await until(async () => (await ask('/orders/')).json.length === 1)

    for (const path of [...reads, '/health/live', '/health/ready', '/cache'])
      assertTold('original', `GET ${path}`, await ask(path))
  })

  test('answers one GET /customers/ in ten in another shape', async () => {
    const answers: Answer[] = []
    for (let n = 0; n < 10; n++) answers.push(await ask('/customers/'))
    const others = answers.filter(({ json }) => !Array.isArray(json))
    assert.deepEqual(
      others.map(({ json }) => Object.keys(json)),
      [['version', 'note', 'customers_quantity', 'customers']],
    )
  })
})
