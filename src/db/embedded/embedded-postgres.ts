import { resolve } from 'node:path'
import type { Logger } from '../../log.ts'
import { openCluster } from './embedded-cluster.ts'
import { runningServer, shutDown } from './postmaster.ts'
import { serverOwner } from './server-owner.ts'

export interface EmbeddedPostgres {
  url: string
  /** Stops the server with a checkpoint (a fast shutdown) and waits for its end. */
  stop(): Promise<void>
}

const PATIENCE_MS = 15_000

/**
 * Runs a real PostgreSQL from an npm package on a folder of ours, as durable as any other (fsync is on).
 *
 * - **Ownership** is an advisory lock on a connection that is kept open, not a file: it ends with the process, however the
 *   process dies. Of two shops on one folder the second is refused, and nothing is harmed.
 * - **A server left behind** by a killed shop is adopted, since it holds the data in good order.
 * - **A server that dies** under the shop is started again on its port, and the pool reconnects.
 *
 * @param options.signal ends the wait for the server to start, and stops it again
 * @param options.patience milliseconds without a sign of life after which the start has failed
 * @throws EmbeddedPostgresError when the folder is in use or not writable, or the server does not start; the reason of
 * the signal
 */
export async function startEmbeddedPostgres(
  dataDir: string,
  log: Logger,
  { signal, patience = PATIENCE_MS }: { signal?: AbortSignal; patience?: number } = {},
): Promise<EmbeddedPostgres> {
  const cluster = openCluster(resolve(dataDir))
  const server = serverOwner(cluster, patience)
  let isStopping = false
  let revived: Promise<void> | undefined
  let owner = await own(signal).catch(async (error) => {
    if (signal?.aborted) await shutDown(server.launched())
    throw error
  })
  return { url: server.url(), stop }

  async function own(signal?: AbortSignal) {
    const client = await server.own(signal)
    client.once('end', () => {
      if (!isStopping) revived = revive()
    })
    return client
  }

  async function revive(): Promise<void> {
    log.error('the embedded database went away; starting it again')
    try {
      owner = await own()
    } catch (err) {
      log.fatal({ err }, 'the embedded database cannot be started again')
      if (!isStopping) process.exit(1)
    }
  }

  async function stop(): Promise<void> {
    isStopping = true
    await revived
    const running = runningServer(cluster.data)
    await owner.end().catch(() => {})
    await shutDown(running?.pid)
  }
}
