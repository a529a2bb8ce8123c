import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { lab } from '../../lab/lab.ts'
import { type Role, readConfig } from '../../src/config.ts'
import { type Shop, startShop } from '../../src/shop.ts'
import { end } from './end.ts'
import { ownPort } from './own-port.ts'
import { type Server, silent, startPostgres, startRedis } from './servers.ts'
import { until } from './until.ts'

type Env = Record<string, string>

/** Settings of a shop under test: any free port, and no limit unless the test is about it. */
const defaults: Env = { PORT: '0', DASHBOARD_PORT: '0', RATE_LIMIT: 'off', LOG_LEVEL: 'warn' }

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

export interface ShopProcess {
  url: string
  dashboard: string
  child: ChildProcess
  /** All it has written so far. */
  output(): string
  /** Sends a signal and waits for the end; returns exit code or signal. */
  end(signal: NodeJS.Signals): Promise<number | string | null>
}

/** A shop as a process of its own, as `node src/main.ts <role>`, ready when it says so. `env` replaces ours. */
export async function spawnShop(role: Role, env: Env, script = 'src/main.ts'): Promise<ShopProcess> {
  const main = join(import.meta.dirname, '../..', script)
  const given: Env = { ...defaults, LOG_LEVEL: 'info', ...env }
  if (given.PORT === '0') given.PORT = String(await ownPort())
  if (given.DASHBOARD_PORT === '0') given.DASHBOARD_PORT = String(await ownPort())
  const child = spawn(process.execPath, [main, role], { env: { PATH: process.env.PATH ?? '', ...given } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  await until(() => child.exitCode !== null || child.signalCode !== null || output.includes('the shop is open')).catch(
    (error) => {
      child.kill('SIGKILL')
      throw new Error(`the shop did not open:\n${output}`, { cause: error })
    },
  )
  if (child.exitCode !== null) throw new Error(`the shop ended with ${child.exitCode}:\n${output}`)
  return {
    url: `http://127.0.0.1:${given.PORT}`,
    dashboard: `http://127.0.0.1:${given.DASHBOARD_PORT}`,
    child,
    output: () => output,
    end: (signal) => end(child, signal),
  }
}
