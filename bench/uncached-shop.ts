import { randomUUID } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { readConfig } from '../src/config.ts'
import { createLogger } from '../src/log.ts'
import type { Cache } from '../src/patterns/cache/cache.ts'
import { replaceableParts } from '../src/replaceable-parts.ts'
import { startShop } from '../src/shop.ts'

setFlagsFromString('--no-allocation-site-pretenuring') // as src/main.ts

// The API with a cache that never has anything: each read of the list asks Redis, in vain, and then the database. A
// generation of its own for each read keeps reads from sharing one query, as they would, so that the query is measured.
const missing = (cache: Cache): Cache => ({
  ...cache,
  async read() {
    await cache.read('bench:nothing')
    return { hit: false, generation: randomUUID() }
  },
  store: async () => false,
})

const config = readConfig(process.env)
const { productList } = replaceableParts
const shop = await startShop({
  config,
  role: 'api',
  log: createLogger(config.LOG_LEVEL),
  parts: { productList: (options) => productList({ ...options, cache: missing(options.cache) }) },
})
process.once('SIGTERM', async () => {
  await shop.close()
  process.exit(0)
})
