import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { startOriginal } from '../../bench/original.ts'
import { migrateAll } from '../../src/db/migrate.ts'
import type { Role } from '../../src/shop.ts'
import { freePort, type Server, silent, startPostgres, startRedis } from '../../test/support/servers.ts'
import { until } from '../../test/support/until.ts'
import { grade, type Result } from '../grade.ts'
import type { Options } from '../options.ts'
import { mutants } from './all.ts'

/** Servers on which shops are graded one after the other. */
export interface Stage {
  /** Marks a mutant, or our shop as it is: `ours`. */
  grade(name: string): Promise<Result[]>
  close(): Promise<void>
}

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
  return {
    async grade(name) {
      const mutant = mutants[name]
      await empty(redis) // its database is kept: a grader may not count on an empty shop
      const stores = { DATABASE_URL: postgres.url, REDIS_URL: redis.url }
      const roles: Role[] = mutant ? ['api', 'worker'] : ['api', 'worker', 'dashboard']
      const parts = await Promise.all(roles.map((role) => startPart(name, role, stores)))
      const [api, worker, dashboard] = parts as [Part, Part, Part | undefined]
      const tries = (what: 'slow' | 'kill-worker' | 'database') => !mutant || mutant.with?.includes(what) === true
      try {
        const options: Options = {
          ...usual,
          target: api.url,
          slow: tries('slow'),
          killWorker: tries('kill-worker') ? worker.killAndStart : undefined,
          database: tries('database') ? { stop: postgres.kill, start: postgres.start } : undefined,
          dashboard: dashboard?.url,
        }
        return await grade(options, quietly)
      } finally {
        await Promise.all(parts.map((each) => each.stop()))
      }
    },
    close: async () => void (await Promise.all([postgres.stop(), redis.stop()])),
  }
}

/** Marks the original, rebuilt from its README, with everything there is to try. */
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
    child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), mutant, role], {
      env: { ...stores, PORT: port, DASHBOARD_PORT: port, RATE_LIMIT: '10/minute', LOG_LEVEL: 'fatal' },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    await until(async () => (await fetch(role === 'dashboard' ? url : `${url}/health/ready`)).ok, 60_000)
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
