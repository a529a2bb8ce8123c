import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../src/db/embedded/free-port.ts'
import { end } from '../support/end.ts'
import { createTemplate, type Server, startPostgres, startRedis } from '../support/servers.ts'
import { until } from '../support/until.ts'
import { type Options, type Plant, plants } from './options.ts'

export interface Cluster {
  /** Base URLs of the APIs. */
  apis: string[]
  databaseUrl: string
  /** Everything that can be killed, by name: `api-1`, `worker-2`, `redis`, `postgres`. */
  parts: Map<string, Server>
  /** Where each process writes its log. */
  logs: string
  /** Ends everything; `keepLogs` for a post-mortem. */
  stop(keepLogs: boolean): Promise<void>
}

/**
 * A shop as in production: real PostgreSQL and Redis that confirm only what is on disk, migrated once, and several API
 * and worker processes. `onCrash` hears of a process that ended without having been killed.
 */
export async function startCluster(
  options: Pick<Options, 'apis' | 'workers' | 'plant'>,
  onCrash: (name: string, how: string) => void,
): Promise<Cluster> {
  const logs = mkdtempSync(join(tmpdir(), 'chaos-'))
  const parts = new Map<string, Server>()
  const template = process.env.TEST_POSTGRES_TEMPLATE ? undefined : await createTemplate()
  const stop = async (keepLogs: boolean) => {
    const stores = ['redis', 'postgres']
    const processes = [...parts].filter(([name]) => !stores.includes(name))
    await Promise.all(processes.map(([, part]) => part.stop()))
    await Promise.all(stores.map((name) => parts.get(name)?.stop()))
    if (template) rmSync(template, { recursive: true, force: true })
    if (!keepLogs) rmSync(logs, { recursive: true, force: true })
  }
  try {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    parts.set('postgres', postgres).set('redis', redis)
    const env = {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      DATABASE_POOL: '12',
      RATE_LIMIT: 'off',
      LOG_LEVEL: 'warn',
    }
    const launch = { env, logs, plant: options.plant, onCrash }
    await migrateOnce(env)
    const names = (kind: string, count: number) => Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`)
    const apis = names('api', options.apis)
    await Promise.all(
      [...apis, ...names('worker', options.workers)].map(async (name) =>
        parts.set(name, await startProcess(name, launch)),
      ),
    )
    return { apis: apis.map((name) => parts.get(name)?.url ?? ''), databaseUrl: postgres.url, parts, logs, stop }
  } catch (error) {
    await stop(true)
    throw error
  }
}

const main = join(import.meta.dirname, '../src/main.ts')
const modifiedShop = join(import.meta.dirname, '../support/modified-shop.ts')

async function migrateOnce(env: Record<string, string>): Promise<void> {
  const [code] = (await once(spawn(process.execPath, [main, 'migrate'], { env, stdio: 'ignore' }), 'exit')) as [number]
  if (code !== 0) throw new Error(`the role migrate ended with ${code}`)
}

interface Launch {
  env: Record<string, string>
  logs: string
  plant: Plant | undefined
  onCrash: (name: string, how: string) => void
}

/** One process of the shop, `api-1` or `worker-2`, that can be treated as the stores can. */
async function startProcess(name: string, { env, logs, plant, onCrash }: Launch): Promise<Server> {
  const role = name.split('-')[0] ?? name
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const log = openSync(join(logs, `${name}.log`), 'a')
  const command = plant ? [modifiedShop, role, plants[plant]] : [main, role]
  let child: ChildProcess
  let expected = false

  const start = async () => {
    expected = false
    child = spawn(process.execPath, command, {
      env: { ...env, PORT: `${port}`, INSTANCE_NAME: name },
      stdio: ['ignore', log, log],
    })
    child.once('exit', (code, signal) => {
      if (!expected) onCrash(name, `ended by itself with ${signal ?? code}`)
    })
    await until(async () => (await fetch(`${url}/health/live`)).ok)
  }
  const stopped = async (signal: NodeJS.Signals) => {
    expected = true
    await end(child, signal)
  }
  await start()
  return {
    url,
    start,
    kill: () => stopped('SIGKILL'),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    stop: () => stopped('SIGTERM'),
  }
}
