import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '../../src/db/embedded/free-port.ts'
import { migrateAll } from '../../src/db/migrations.ts'
import { createLogger } from '../../src/log.ts'
import { messageOf } from '../../support/child-message.ts'
import { end } from '../../support/end.ts'
import type { ShopMessage } from '../../support/modified-shop.ts'
import { openProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import type { KeeperMessage } from './keeper.ts'

/** A process of the sandbox's shop. */
export interface ShopProcess {
  url: string
  /** SIGKILL. */
  kill(): Promise<void>
  /** Restarts it after a `kill`, at the same address. */
  start(): Promise<void>
}

interface Launch {
  databaseUrl: string
  /** What is in the place of its own parts, see `support/modified-shop.ts`. */
  modules?: readonly string[]
  /** Settings of `src/config.ts`. */
  env?: Record<string, string>
}

/** A database with the shop's tables. */
export interface ShopDatabase {
  url: string
  rows<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>
}

export interface Sandbox {
  createDatabase(): Promise<ShopDatabase>
  startShop(role: 'api' | 'worker', launch: Launch): Promise<ShopProcess>
  /** A proxy in front of a database or a shop of the sandbox. */
  openProxy(target: string): Promise<TcpProxy>
  /** Ends all processes, proxies and connections opened so far, before the next variant. */
  clear(): Promise<void>
  /**
   * Makes the database log every statement of new connections. Returns a function that returns the lines added since its
   * last call.
   */
  logStatements(databaseUrl: string): Promise<() => string[]>
  /** Ends everything and waits until nothing is left. */
  close(): Promise<void>
}

/** What a process needs of the environment, without the settings of the shop beside it. */
const inherited = ['PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'HOME']
const bare = Object.fromEntries(inherited.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
const silent = createLogger('silent')

/**
 * A place for experiments: an embedded PostgreSQL in a temporary folder and processes of the shop, on free loopback ports.
 * Everything ends when the process that opened it ends, however it ends.
 *
 * @throws when the database cannot be started; nothing is left behind
 */
export async function openSandbox(): Promise<Sandbox> {
  const shops = new Set<ChildProcess>()
  const closers: (() => unknown)[] = []
  const keeper = forkPart('keeper.ts', [], {}, true)
  const close = async () => {
    await clear()
    if (keeper.exitCode !== null || keeper.signalCode !== null) return
    const ended = once(keeper, 'exit')
    if (keeper.connected) keeper.disconnect()
    await ended
  }
  const answer = await messageOf<KeeperMessage>(keeper)
  if ('error' in answer) throw new Error(answer.error)
  const { url, log } = answer
  let databases = 0
  try {
    await query(url, 'create database template')
    await migrateAll(sibling(url, 'template'), true, silent)
  } catch (error) {
    await close()
    throw error
  }

  return {
    async createDatabase() {
      databases += 1
      await query(url, `create database shop_${databases} template template`)
      const client = new pg.Client({ connectionString: sibling(url, `shop_${databases}`) })
      client.on('error', () => {}) // the next query reports it
      await client.connect()
      closers.push(() => client.end())
      return {
        url: sibling(url, `shop_${databases}`),
        rows: async (text, values = []) => (await client.query(text, values)).rows,
      }
    },
    async startShop(role, launch) {
      let child: ChildProcess
      const port = await freePort()
      const start = async () => {
        const env = { RATE_LIMIT: 'off', LOG_LEVEL: 'silent', ...launch.env }
        const all = { ...env, DATABASE_URL: launch.databaseUrl, PORT: String(port) }
        child = forkPart('../../support/modified-shop.ts', [role, ...(launch.modules ?? [])], all, false)
        shops.add(child)
        const started = await messageOf<ShopMessage>(child)
        if ('error' in started) throw new Error(`the sandbox's ${role} did not start: ${started.error}`)
      }
      await start()
      return { url: `http://127.0.0.1:${port}`, start, kill: async () => void (await end(child, 'SIGKILL')) }
    },
    async openProxy(target) {
      const proxy = await openProxy(target)
      closers.push(() => proxy.close())
      return proxy
    },
    clear,
    async logStatements(databaseUrl) {
      await query(url, `alter database ${new URL(databaseUrl).pathname.slice(1)} set log_statement = 'all'`)
      let from = statSync(log).size
      return () => {
        const bytes = readFileSync(log).subarray(from)
        const complete = bytes.subarray(0, bytes.lastIndexOf('\n') + 1)
        from += complete.length
        return complete.toString('utf8').split('\n').slice(0, -1)
      }
    },
    close,
  }

  async function clear(): Promise<void> {
    await Promise.all([...shops].map((shop) => end(shop, 'SIGKILL')))
    shops.clear()
    await Promise.all(closers.splice(0).map((closer) => closer()))
  }
}

function forkPart(file: string, args: string[], env: Record<string, string>, detached: boolean): ChildProcess {
  return fork(join(import.meta.dirname, file), args, {
    env: { ...bare, ...env },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    detached,
  })
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {}) // the query reports it
  await client.connect()
  await client.query(text).finally(() => client.end())
}

const sibling = (url: string, name: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href
