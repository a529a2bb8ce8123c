import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runningServer, startEmbeddedPostgres } from '../../src/db/embedded/embedded-postgres.ts'
import { createLogger } from '../../src/log.ts'

// node keeper.ts, by fork: a PostgreSQL of its own in a temporary folder, for as long as its parent is there. It is a
// process apart, in a group of its own, so that it outlives whatever ends the parent, SIGKILL and Ctrl-C included, by
// the moment it takes to stop the server and remove the folder.

const PREFIX = 'shop-lab-'

/** What it tells its parent, once. */
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
 * Removes what a keeper left that was itself killed: folders bear their keeper's process id. What is still written to, as by
 * the making of a database that goes on without its keeper, is left to the next.
 */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number(/^\d+/.exec(name.slice(PREFIX.length))?.[0]) : 0
    if (!pid || isAlive(pid)) continue
    const folder = join(tmpdir(), name)
    const server = runningServer(join(folder, 'postgres'))
    if (server) {
      process.kill(server.pid, 'SIGQUIT') // at once, without a checkpoint: nobody wants the data
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
