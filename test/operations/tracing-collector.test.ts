import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { readConfig } from '../../src/config.ts'
import { createServer as createShopServer } from '../../src/http/server.ts'
import { startTracing } from '../../src/observability/tracing/tracing.ts'
import { startShop } from '../../src/shop.ts'
import { send } from '../../support/http.ts'
import { ownPort } from '../../support/own-port.ts'
import { silent, startPostgres } from '../../support/servers.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { until } from '../../support/until.ts'
import { collector, linesOf, newTraceId, traced, traceparent } from '../support/collector.ts'
import { settled } from '../support/order-client.ts'

describe('a collector that does not collect', { concurrency: true }, () => {
  /** Takes connections and requests, and never answers. */
  const hanging = async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1')
    await until(() => server.listening)
    const close = () => server.closeAllConnections() ?? server.close()
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
  }
  const dead = async () => ({ url: `http://127.0.0.1:${await ownPort()}`, close() {} })

  for (const [name, open] of Object.entries({ hanging, dead })) {
    test(`${name}: every request and order is served, the log says so once, and the end comes as usual`, async () => {
      const [postgres, { url, close }] = await Promise.all([startPostgres(), open()])
      const limits = {
        OTEL_BSP_MAX_QUEUE_SIZE: '50',
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
        OTEL_EXPORTER_OTLP_TIMEOUT: '300',
      }
      const settings = { ...traced(url), ...limits, DATABASE_URL: postgres.url, DRAIN_TIMEOUT: '5000' }
      const shop = await spawnShop('all', settings)
      try {
        const { id } = (await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })).json
        for (let round = 0; round < 10; round++) {
          const orders = await Promise.all(
            Array.from({ length: 10 }, () => send(`${shop.url}/orders/`, { body: { customer_id: id, total: 1 } })),
          )
          for (const accepted of orders) assert.equal((await settled(shop.url, accepted)).status, 'succeeded')
        }
        const complaints = () => linesOf(shop).filter(({ msg }) => msg === 'traces are being lost')
        await until(() => complaints().length > 0)
        assert.equal(complaints().length, 1)
        assert.equal(await shop.end('SIGTERM'), 0)
      } finally {
        await shop.end('SIGKILL')
        await postgres.stop()
        close()
      }
    })
  }
})

test('what has not been sent yet is sent at the end', async () => {
  const [postgres, seen] = await Promise.all([startPostgres(), collector()])
  const shop = await spawnShop('all', {
    ...traced(seen.url),
    OTEL_BSP_SCHEDULE_DELAY: '600000',
    OTEL_SERVICE_NAME: 'corner-shop',
    DATABASE_URL: postgres.url,
  })
  try {
    await send(`${shop.url}/orders/`)
    assert.equal(seen.spans.length, 0)
    assert.equal(await shop.end('SIGTERM'), 0)
    assert.equal(seen.spans.find(({ name }) => name === 'GET /orders/')?.service, 'corner-shop')
  } finally {
    await shop.end('SIGKILL')
    await postgres.stop()
    await seen.close()
  }
})

test('without an endpoint the SDK is not loaded, and the log says nothing of traces', async () => {
  const postgres = await startPostgres()
  const tell = `import { registerHooks } from 'node:module'
    registerHooks({ resolve(name, context, next) {
      if (/opentelemetry.(?!api)/.test(name)) console.log('LOADED ' + name)
      return next(name, context)
    } })`
  const shop = await spawnShop('all', {
    DATABASE_URL: postgres.url,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tell)}`,
  })
  try {
    const { id } = (await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })).json
    const headers = traceparent(newTraceId())
    await settled(shop.url, await send(`${shop.url}/orders/`, { body: { customer_id: id, total: 1 }, headers }))
    const line = await until(() => linesOf(shop).find(({ msg }) => msg === 'order processed'))
    assert.ok(!('trace_id' in line))
    assert.doesNotMatch(shop.output(), /LOADED/)
  } finally {
    await shop.end('SIGTERM')
    await postgres.stop()
  }
})

test('a job that was put into the queue without a context is processed in a trace of its own', async () => {
  const [postgres, seen] = await Promise.all([startPostgres(), collector()])
  const env = { DATABASE_URL: postgres.url }
  await (await startShop({ config: readConfig(env), role: 'migrate', log: silent })).close()
  const untraced = await startShop({
    config: readConfig({ ...env, PORT: '0', RATE_LIMIT: 'off' }),
    role: 'api',
    log: silent,
  })
  const worker = await spawnShop('worker', { ...env, ...traced(seen.url) })
  try {
    const accepted = await send(`${untraced.urls.api}/orders/`, { body: { customer_id: 1, total: 1 } })
    assert.equal((await settled(untraced.urls.api ?? '', accepted)).status, 'rejected')
    const span = await until(() => seen.spans.find(({ name }) => name === 'orders process'))
    assert.equal(span.parent_id, undefined)
    assert.equal(span.attributes['messaging.message.id'], accepted.json.job_id)
  } finally {
    await worker.end('SIGTERM')
    await untraced.close()
    await postgres.stop()
    await seen.close()
  }
})

test('an endpoint that is no URL stops the start, and is not repeated: it may hold a password', async () => {
  const read = () => readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318/secret' })
  assert.throws(
    read,
    /^ConfigError: OTEL_EXPORTER_OTLP_ENDPOINT: expected text like \^https\?:\/\/ .* got a value of another form$/,
  )
})

test('a request that is timed out has failed', async () => {
  const seen = await collector()
  const settings = traced(seen.url)
  Object.assign(process.env, settings) // the SDK reads it
  const tracing = await startTracing(readConfig(settings), { role: 'api', version: '0.0.0' })
  const app = await createShopServer(readConfig({ REQUEST_TIMEOUT: '100' }), silent, new AbortController().signal, {
    tracing,
  })
  app.get('/never', () => new Promise<never>(() => {}))
  try {
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    assert.equal((await send(`${url}/never`)).status, 503)
    const span = await until(() => seen.spans.find(({ name }) => name === 'GET /never'))
    assert.ok(span.failed)
    assert.equal(span.attributes['error.type'], '503')
  } finally {
    await tracing.close()
    await app.close()
    await seen.close()
    for (const name of Object.keys(settings)) delete process.env[name]
  }
})

test('npm run traces draws the traces of a shop', async () => {
  const [postgres, port] = await Promise.all([startPostgres(), ownPort()])
  const traces = spawn(process.execPath, [join(import.meta.dirname, '../../scripts/traces.ts'), String(port)])
  let output = ''
  traces.stdout.on('data', (chunk) => (output += chunk))
  await until(() => output.includes(`OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${port} `))
  const shop = await spawnShop('all', { ...traced(`http://127.0.0.1:${port}`), DATABASE_URL: postgres.url })
  try {
    await send(`${shop.url}/products/`)
    await until(() => /\nGET \/products\/ .*\n {2}cache read .*\n {4}SELECT products /.test(output))
  } finally {
    await shop.end('SIGTERM')
    traces.kill()
    await postgres.stop()
  }
})
