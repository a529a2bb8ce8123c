import assert from 'node:assert/strict'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig } from '../src/config.ts'
import { createServer } from '../src/http/server.ts'
import { send } from '../support/http.ts'
import { noRedis, silent, startRedis } from '../support/servers.ts'
import { openProxy } from '../support/tcp-proxy.ts'
import { openShop } from './support/shop.ts'

test('a request that waits for ever is answered 503 after REQUEST_TIMEOUT, with a body and without', async () => {
  const app = await createServer(readConfig({ REQUEST_TIMEOUT: '200' }), silent, new AbortController().signal)
  const never = () => new Promise<never>(() => {})
  app.get('/never', never)
  app.post('/never', never)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  try {
    for (const options of [{}, { body: { some: 'thing' } }]) {
      const answer = await send(`${url}/never`, options)
      assert.deepEqual([answer.status, answer.json.code, answer.headers.get('retry-after')], [503, 'timeout', '1'])
    }
  } finally {
    await app.close()
  }
})

test('an order whose body came slowly is still told what is known of it, before the general 503', {
  skip: noRedis,
}, async () => {
  const redis = await startRedis()
  const proxy = await openProxy(redis.url)
  const shop = await openShop({ env: { REDIS_URL: proxy.through(redis.url), REQUEST_TIMEOUT: '6000' } })
  try {
    const body = JSON.stringify({ customer_id: 1, total: 1 })
    const answer = Promise.withResolvers<IncomingMessage>()
    const order = httpRequest(`${shop.url}/orders/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': body.length, 'idempotency-key': 'slow' },
    })
    order.on('response', answer.resolve).on('error', answer.reject)
    order.write(body.slice(0, 10))
    await sleep(3000) // half of the time is gone, and a Redis whose answer is lost will take all that is left
    void proxy.loseAnswersTo('request_id')
    order.end(body.slice(10))
    const { statusCode, headers } = await answer.promise
    const problem = JSON.parse(await text(await answer.promise))
    assert.deepEqual([statusCode, problem.code], [503, 'order_outcome_unknown'])
    assert.equal(headers.location, `/orders/jobs/${problem.job_id}`)
  } finally {
    proxy.close()
    await shop.close()
    await redis.stop()
  }
})
