import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../src/config.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/db/embedded/embedded-postgres.ts'
import { runningServer } from '../src/db/embedded/postmaster.ts'
import type { Logger } from '../src/log.ts'

/** The database of DATABASE_URL, or the embedded one: that of the running shop, or started for as long as this takes. */
export async function openServer({ DATABASE_URL, DATA_DIR }: Config, log: Logger): Promise<EmbeddedPostgres> {
  if (DATABASE_URL) return { url: DATABASE_URL, stop: async () => {} }
  try {
    return await startEmbeddedPostgres(DATA_DIR, log)
  } catch (error) {
    const server = runningServer(join(DATA_DIR, 'postgres'))
    if (!server) throw error
    const password = readFileSync(join(DATA_DIR, 'password'), 'utf8').trim()
    return { url: `postgres://postgres:${password}@127.0.0.1:${server.port}/postgres`, stop: async () => {} }
  }
}
