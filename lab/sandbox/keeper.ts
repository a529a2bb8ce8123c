import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEmbeddedPostgres } from '../../src/db/embedded/embedded-postgres.ts'
import { runningServer } from '../../src/db/embedded/postmaster.ts'
import { createLogger } from '../../src/log.ts'

// node keeper.ts, forked: runs a PostgreSQL in a temporary folder until its parent ends. It is a process in a group of its
// own, so that it survives what ends the parent, including SIGKILL and Ctrl-C, and then stops the server and removes the
// folder.

const PREFIX = 'shop-lab-'

/** Its only message to the parent. */
export type KeeperMessage = { url: string; log: string } | { error: string }

const gone = once(process, 'disconnect')
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => process.connected && process.disconnect?.())
await sweep()
const home = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`))
try {
  const postgres = await startEmbeddedPostgres(home, createLogger('silent'))
  tell({ url: postgres.url, log: join(home, 'postgres.log') })
  await gone
  await postgres.stop()
} catch (error) {
  tell({ error: error instanceof Error ? error.message : String(error) })
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
}
process.exit()

function tell(message: KeeperMessage): void {
  if (process.connected) process.send?.(message)
}

/**
 * Removes the folders of keepers that were killed: a folder's name has its keeper's process id. A folder that is still
 * being written to, such as by initdb, is left to the next sweep.
 */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number(/^\d+/.exec(name.slice(PREFIX.length))?.[0]) : 0
    if (!pid || isAlive(pid)) continue
    const folder = join(tmpdir(), name)
    const server = runningServer(join(folder, 'postgres'))
    if (server) {
      process.kill(server.pid, 'SIGQUIT') // immediate shutdown without a checkpoint: the data is not needed
      for (const start = performance.now(); isAlive(server.pid) && performance.now() < start + 5000; ) await sleep(10)
    }
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch {}
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
