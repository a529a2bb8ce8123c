import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../src/db/embedded/free-port.ts'
import { type Server, startPostgres, startRedis } from '../support/servers.ts'
import { type Process, startProcess } from './process.ts'

const source = join(import.meta.dirname, 'original')
const venv = join(import.meta.dirname, '.venv')
const python = join(venv, 'bin/python')

interface Options {
  /** uvicorn processes. */
  processes?: number
  /** RQ workers. */
  workers?: number
  /** `fork`: RQ's own, a process for each job; `simple`: its SimpleWorker, which has none. */
  workerKind?: 'fork' | 'simple'
  /** As SlowAPI reads it, `10/minute`; `off` for none. */
  rateLimit?: string
  /** Seconds; 0 never stores the list. */
  cacheTtl?: number
  dashboard?: boolean
  /** Cores of the API and the workers, as `taskset -c` takes them. */
  cpus?: string
}

export interface Original {
  url: string
  /** Undefined unless asked for. */
  dashboardUrl: string | undefined
  databaseUrl: string
  redisUrl: string
  /** Process id of uvicorn, which serves by itself when there is one process. */
  pid: number
  /** Process ids of the RQ workers, which a test may kill. */
  workers: number[]
  /** May be killed and started again. */
  postgres: Server
  /** Starts one more worker. */
  addWorker(kind?: 'fork' | 'simple', cpus?: string): Promise<Process>
  /** The folder with everybody's log. */
  logs: string
  stop(): Promise<void>
}

/** Why the original can't run here, or undefined. */
export function whyNoOriginal(): string | undefined {
  const probe = spawnSync('python3', ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'])
  return probe.status === 0 ? undefined : 'no python3 of at least 3.11 with venv: apt-get install python3-venv'
}

/**
 * Starts the original's stack, rebuilt in `bench/original/`: uvicorn on uvloop and httptools, RQ workers, and a Redis and
 * a PostgreSQL of its own, set up exactly as ours are. It is tuned as its users would for production: a
 * connection for each thread, the job's code imported before RQ forks, uvicorn's access log on.
 * The first call makes `bench/.venv` from `requirements.lock` (about 20 s). @throws when a part does not start
 */
export async function startOriginal(options: Options = {}): Promise<Original> {
  const { processes = 1, workers = 1, workerKind = 'fork', rateLimit = '10/minute', cacheTtl = 60, cpus } = options
  installOriginal()
  const logs = mkdtempSync(join(tmpdir(), 'original-'))
  const closers: (() => Promise<void>)[] = [async () => rmSync(logs, { recursive: true, force: true })]
  const opened = <Part extends { stop(): Promise<void> }>(part: Part): Part => {
    closers.push(() => part.stop())
    return part
  }
  const stop = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const postgres = opened(await startPostgres())
    const redis = opened(await startRedis())
    const env = {
      DATABASE_URL: postgres.url.replace('postgres://', 'postgresql+psycopg://'),
      REDIS_URL: redis.url,
      RATE_LIMIT: rateLimit,
      CACHE_TTL: `${cacheTtl}`,
      PYTHONDONTWRITEBYTECODE: '1',
    }
    const tables = spawnSync(python, ['-m', 'shop.database'], { cwd: source, env, encoding: 'utf8' })
    if (tables.status !== 0) throw new Error(`the original's tables could not be made: ${tables.stderr}`)

    type IsReady = (log: string) => boolean | Promise<boolean>
    const run = async (name: string, args: string[], ready: IsReady, on = cpus) => {
      const log = join(logs, `${name}.log`)
      const command = [python, ...args]
      const logged = () => ready(existsSync(log) ? readFileSync(log, 'utf8') : '')
      return opened(await startProcess({ command, env, log, cwd: source, cpus: on, ready: logged }))
    }
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const uvicorn = ['uvicorn', 'shop.main:app', '--port', `${port}`, '--loop', 'uvloop', '--http', 'httptools']
    const api = await run('api', ['-m', ...uvicorn, '--workers', `${processes}`], async (log) => {
      return log.split('startup complete').length > processes && (await fetch(`${url}/health/ready`)).ok
    })
    let started = 0
    const addWorker = (kind = workerKind, on = cpus) => {
      const args = ['-m', 'shop.worker', ...(kind === 'simple' ? ['--simple'] : [])]
      return run(`worker-${++started}`, args, (log) => log.includes('Listening on'), on)
    }
    const pids: number[] = []
    for (let i = 0; i < workers; i++) pids.push((await addWorker()).pid)

    let dashboardUrl: string | undefined
    if (options.dashboard) {
      const dashboardPort = await freePort()
      dashboardUrl = `http://127.0.0.1:${dashboardPort}`
      const args = ['-m', 'rq_dashboard', '-b', '127.0.0.1', '-p', `${dashboardPort}`, '-u', redis.url]
      await run('dashboard', args, async () => (await fetch(`${dashboardUrl}/`)).ok)
    }
    const { pid } = api
    return {
      url,
      dashboardUrl,
      databaseUrl: postgres.url,
      redisUrl: redis.url,
      pid,
      workers: pids,
      postgres,
      addWorker,
      logs,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Makes `bench/.venv` hold exactly what `requirements.lock` says, each file checked by its hash, unless it does. */
export function installOriginal(): void {
  const lock = readFileSync(join(source, 'requirements.lock'), 'utf8')
  const installed = join(venv, 'installed.lock')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return
  rmSync(venv, { recursive: true, force: true })
  execute('python3', ['-m', 'venv', venv])
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes']
  execute(python, [...pip, '--requirement', join(source, 'requirements.lock')])
  writeFileSync(installed, lock)
}

function execute(program: string, args: string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
}
