import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { openSandbox } from '../lab/sandbox/sandbox.ts'
import { messageOf } from '../support/child-message.ts'
import { end } from '../support/end.ts'
import type { ShopMessage } from '../support/modified-shop.ts'

// `npm run naive -- no-fence`: a shop to mend, with one part of `naive/` in the place of ours. It has a port and a database
// of its own, which is gone when it ends, so no order that anybody was promised ever meets it. An answer of that database
// is up to FAR_MS on its way, as over a network: a fast machine hides races, and does not mend them.

/** What each naive part stands in for. */
const instead = {
  'acknowledge-first': 'src/orders/decide-orders.ts',
  'fixed-window': 'src/patterns/rate-limit/memory-limiter.ts',
  'no-cache': 'src/patterns/cache/cache-aside.ts',
  'no-fence': 'src/patterns/cache/cache-aside.ts',
  'no-idempotency': 'src/orders/place-order.ts and src/orders/decide-orders.ts',
  'no-single-flight': 'src/patterns/cache/cache-aside.ts',
  'read-then-write': 'src/orders/decide-orders.ts',
  'synchronous-order': 'src/orders/place-order.ts',
}
const FAR_MS = 50
const defaults = { PORT: '8090', DASHBOARD_PORT: '9190', RATE_LIMIT: 'off', LOG_LEVEL: 'error' }

const [name = '', ...more] = process.argv.slice(2)
if (!isNaivePart(name) || more.length > 0) {
  console.error(`npm run naive -- NAME, where NAME is one of: ${Object.keys(instead).join(', ')}`)
  process.exit(2)
}
const stopped = Promise.withResolvers<void>()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.resolve())

const sandbox = await openSandbox()
let shop: ChildProcess | undefined
try {
  const { url } = await sandbox.createDatabase()
  const network = await sandbox.openProxy(url)
  network.onRequest = (_, connection) => {
    if (!connection.hello.includes('shop queue')) connection.delay(Math.random() * FAR_MS)
  }
  shop = forkShop(network.through(url))
  shop.once('exit', () => stopped.resolve())
  const started = await messageOf<ShopMessage>(shop)
  if ('error' in started) throw new Error(started.error)
  console.log(`${started.url} is a shop with ${name} in the place of ${instead[name]}.`)
  console.log(`Mend naive/${name}.ts, start it again, and grade it from a second terminal.`)
  console.log('Ctrl-C ends it, and forgets its data.')
  await stopped.promise
  if ((await end(shop, 'SIGTERM')) !== 0) process.exitCode = 1
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
} finally {
  if (shop) await end(shop, 'SIGKILL')
  await sandbox.close()
}
process.exit()

function forkShop(databaseUrl: string): ChildProcess {
  const { REDIS_URL: _, ...env } = process.env
  const script = join(import.meta.dirname, '../support/modified-shop.ts')
  return fork(script, ['all', `naive/${name}.ts`], {
    env: { ...defaults, ...env, DATABASE_URL: databaseUrl },
    execArgv: [],
  })
}

function isNaivePart(text: string): text is keyof typeof instead {
  return Object.hasOwn(instead, text)
}
