import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { until } from './until.ts'

/**
 * Sends a request and reads the answer; a `body` that is not a string goes as JSON. `json` is the parsed answer, as
 * loosely typed as JSON.parse: the tests assert what is in it.
 */
export async function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
) {
  const { method = options.body === undefined ? 'GET' : 'POST', headers = {}, body } = options
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text ? JSON.parse(text) : undefined,
  }
}
export type Answer = Awaited<ReturnType<typeof send>>

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
