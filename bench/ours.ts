import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Role } from '../src/config.ts'
import { freePort } from '../src/db/embedded/free-port.ts'
import { type Server, startPostgres, startRedis } from '../support/servers.ts'
import { type Process, startProcess } from './process.ts'

export interface Stores {
  postgres: Server
  redis: Server
  stop(): Promise<void>
}

export interface OurProcess extends Process {
  url: string
  /** Where its embedded database is, if it has one. */
  dataDir: string
}

const main = join(import.meta.dirname, '../src/main.ts')
const modifiedShop = join(import.meta.dirname, '../support/modified-shop.ts')
/** As `npm start` and the image have it. */
export const compileCache = { NODE_COMPILE_CACHE: join(import.meta.dirname, '../node_modules/.cache/node') }

/** A PostgreSQL and a Redis that confirm only what is on disk, with our schema. */
export async function startStores(...settings: string[]): Promise<Stores> {
  const [postgres, redis] = await Promise.all([startPostgres(...settings), startRedis()])
  const env = { DATABASE_URL: postgres.url, REDIS_URL: redis.url }
  const { status, stderr } = spawnSync(process.execPath, [main, 'migrate'], { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the schema could not be made: ${stderr}`)
  return {
    postgres,
    redis,
    async stop() {
      await Promise.all([postgres.stop(), redis.stop()])
    },
  }
}

/**
 * One process of the shop as in production, with its log written to a file. `modules` are for a shop with a part exchanged,
 * see `support/modified-shop.ts`.
 */
export async function startOurs(
  role: Role,
  options: {
    stores?: Stores
    env?: Record<string, string>
    cpus?: string | undefined
    modules?: readonly string[]
    args?: string[]
  },
): Promise<OurProcess> {
  const { stores, cpus, modules, args = [] } = options
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const dataDir = join(folder, 'data')
  const env = {
    ...compileCache,
    PORT: `${port}`,
    DASHBOARD_PORT: '0',
    DATA_DIR: dataDir,
    RATE_LIMIT: 'off',
    QUEUE_MAX_PENDING: '10000000',
    ...(stores && { DATABASE_URL: stores.postgres.url, REDIS_URL: stores.redis.url }),
    ...options.env,
  }
  const part = await startProcess({
    command: [process.execPath, ...args, ...(modules ? [modifiedShop, role, ...modules] : [main, role])],
    env,
    log: join(folder, 'log'),
    cpus,
    ready: async () => (await fetch(`${url}/health/ready`)).ok,
  })
  const stop = async () => {
    await part.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...part, url, dataDir, stop }
}
