import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { startOriginal } from '../../bench/original.ts'
import type { Role } from '../../src/config.ts'
import { freePort } from '../../src/db/embedded/free-port.ts'
import { migrateAll } from '../../src/db/migrations.ts'
import { type Server, silent, startPostgres, startRedis } from '../../support/servers.ts'
import { until } from '../../support/until.ts'
import { grade, type Result } from '../grade.ts'
import type { Options } from '../options.ts'
import { mutants } from './all-mutants.ts'
import type { Trial } from './mutant.ts'

/** Servers on which shops are graded one after the other. */
export interface Stage {
  /** Starts a mutant, or our shop as it is: `ours`. The options are those to grade it with, and try what is named. */
  open(name: string, tries?: readonly Trial[]): Promise<{ options: Options; close(): Promise<void> }>
  /** Marks it with all that shows its defect, ours with everything. */
  grade(name: string): Promise<Result[]>
  close(): Promise<void>
}

const everything: readonly Trial[] = ['slow', 'kill-worker', 'database']

const usual: Options = {
  target: '',
  quota: 10,
  headers: {},
  level: 'production',
  only: [],
  slow: false,
  addresses: 'auto',
  killWorker: undefined,
  database: undefined,
  dashboard: undefined,
}
const quietly = () => {}

export async function openStage(): Promise<Stage> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
  await migrateAll(postgres.url, false, silent)

  const open: Stage['open'] = async (name, tries = mutants[name] ? (mutants[name].with ?? []) : everything) => {
    await empty(redis) // its database is kept: a grader may not count on an empty shop
    const stores = { DATABASE_URL: postgres.url, REDIS_URL: redis.url }
    const roles: Role[] = mutants[name] ? ['api', 'worker'] : ['api', 'worker', 'dashboard']
    const parts = await Promise.all(roles.map((role) => startPart(name, role, stores)))
    const [api, worker, dashboard] = parts as [Part, Part, Part | undefined]
    return {
      options: {
        ...usual,
        target: api.url,
        slow: tries.includes('slow'),
        killWorker: tries.includes('kill-worker') ? worker.killAndStart : undefined,
        database: tries.includes('database') ? { stop: postgres.kill, start: postgres.start } : undefined,
        dashboard: dashboard?.url,
      },
      close: async () => void (await Promise.all(parts.map((part) => part.stop()))),
    }
  }

  return {
    open,
    async grade(name) {
      const shop = await open(name)
      return grade(shop.options, quietly).finally(shop.close)
    },
    close: async () => void (await Promise.all([postgres.stop(), redis.stop()])),
  }
}

/** Marks the original, as rebuilt in `bench/original/`, with everything there is to try. */
export async function gradeOriginal(): Promise<Result[]> {
  const original = await startOriginal({ processes: 2, dashboard: true })
  const { url, postgres, addWorker, dashboardUrl } = original
  let [pid = 0] = original.workers
  const killWorker = async () => {
    process.kill(pid, 'SIGKILL')
    pid = (await addWorker()).pid
  }
  try {
    const database = { stop: postgres.kill, start: postgres.start }
    return await grade({ ...usual, target: url, slow: true, killWorker, database, dashboard: dashboardUrl }, quietly)
  } finally {
    await original.stop()
  }
}

async function empty({ url }: Server): Promise<void> {
  const client = new Redis(url)
  await client.flushall()
  client.disconnect()
}

const modifiedShop = join(import.meta.dirname, '../../support/modified-shop.ts')

interface Part {
  url: string
  killAndStart: () => Promise<void>
  stop(): Promise<void>
}

/** One process of a shop, ready. */
async function startPart(mutant: string, role: Role, stores: Record<string, string>): Promise<Part> {
  const port = String(await freePort())
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess
  const start = async () => {
    child = spawn(process.execPath, [modifiedShop, role, `grade/mutants/one-mutant.ts?name=${mutant}`], {
      env: { ...stores, PORT: port, DASHBOARD_PORT: port, RATE_LIMIT: '10/minute', LOG_LEVEL: 'fatal' },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    await until(async () => (await fetch(role === 'dashboard' ? url : `${url}/health/ready`)).ok)
  }
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  await start()
  return {
    url,
    killAndStart: async () => {
      await end('SIGKILL')
      await start()
    },
    stop: () => end('SIGTERM'),
  }
}
