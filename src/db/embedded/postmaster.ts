import { spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cluster, commandOf } from './embedded-cluster.ts'

/** How long a server may take to shut down. A killed but unreaped one keeps its pid file valid. */
const SHUTDOWN_MS = 15_000

const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'shared_buffers=32MB',
  'jit=off',
  'log_error_verbosity=terse',
]

/**
 * Starts the server of a cluster, and returns its pid. The server has a process group of its own: Ctrl-C in a terminal goes
 * to the whole group, and the database has to outlive the orders that are being drained.
 */
export function launch(cluster: Cluster, port: number): number | undefined {
  const output = openSync(join(cluster.home, 'postgres.log'), 'w')
  const { command, args, options } = commandOf(cluster, 'postgres', [
    ...['-D', cluster.data, '-p', String(port)],
    ...settings.flatMap((setting) => ['-c', setting]),
  ])
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', output, output] })
  child.unref()
  return child.pid
}

/** The server that holds a folder of PostgreSQL, by its pid file, whose lines are pid, folder, start time, port, … */
export function runningServer(data: string): { pid: number; port: number } | undefined {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
    const pid = Number(lines[0])
    const port = Number(lines[3])
    return pid > 0 && port > 0 && isAlive(pid) ? { pid, port } : undefined
  } catch {
    return undefined
  }
}

/** Alive and not a zombie: one that is killed but unreaped still takes signals. */
export function isAlive(pid: number): boolean {
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

/** Asks for a fast shutdown, with a checkpoint, and waits for it. */
export async function shutDown(pid: number | undefined): Promise<void> {
  if (!pid || !isAlive(pid)) return
  process.kill(pid, 'SIGINT')
  for (const deadline = Date.now() + SHUTDOWN_MS; isAlive(pid) && Date.now() < deadline; ) await sleep(10)
}

/** The last lines of a server's log. */
export function lastWords({ home }: Cluster): string {
  return readFileSync(join(home, 'postgres.log'), 'utf8').trim().split('\n').slice(-5).join('\n')
}
