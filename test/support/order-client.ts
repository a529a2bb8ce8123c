import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type Answer, send } from '../../support/http.ts'
import { until } from '../../support/until.ts'

/** As a client orders that is told 503 by a shop that is too busy: again, with the same key. */
export function insist(url: string, body: object, key: string = randomUUID()): Promise<Answer> {
  return until(async () => {
    const answer = await send(`${url}/orders/`, { body, headers: { 'idempotency-key': key } })
    return answer.status !== 503 && answer
  })
}

const FINAL = ['succeeded', 'rejected', 'failed']

/** The state of an accepted order once it is final. A shop that is too busy to say is asked again. */
export async function settled(url: string, accepted: Answer) {
  assert.equal(accepted.status, 202, accepted.text)
  return until(async () => {
    const { json, status } = await send(url + accepted.json.status_url, { headers: { prefer: 'wait=30' } })
    return (FINAL.includes(json.status) || (json.code && status !== 503)) && json
  })
}
