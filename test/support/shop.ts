import { lab } from '../../lab/lab.ts'
import { type Role, readConfig } from '../../src/config.ts'
import { type Shop, startShop } from '../../src/shop.ts'
import { type Server, silent, startPostgres, startRedis } from '../../support/servers.ts'
import { defaults } from '../../support/shop-process.ts'

type Env = Record<string, string>

export interface TestShop extends Shop {
  url: string
  postgres: Server
  redis: Server | undefined
}

/** A shop in this process on servers of its own, with everything real. `close()` ends all of it. */
export async function openShop(options: { redis?: boolean; role?: Role; env?: Env } = {}): Promise<TestShop> {
  const [postgres, redis] = await Promise.all([startPostgres(), options.redis ? startRedis() : undefined])
  const env = { ...defaults, DATABASE_URL: postgres.url, ...(redis && { REDIS_URL: redis.url }), ...options.env }
  const stores = () => Promise.all([postgres.stop(), redis?.stop()])
  const shop = await startShop({
    config: readConfig(env),
    role: options.role ?? 'all',
    log: silent,
    extensions: options.env?.LAB === 'on' ? [lab] : [],
  }).catch(async (error) => {
    await stores()
    throw error
  })
  return {
    ...shop,
    url: shop.urls.api ?? shop.urls.health ?? '',
    postgres,
    redis,
    async close() {
      await shop.close()
      await stores()
    },
  }
}
