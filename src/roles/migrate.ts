import { migrateAll } from '../db/migrations.ts'
import { retryWhileAway } from '../db/retry-while-away.ts'
import type { Context } from './context.ts'

/** How long the role `migrate` waits for PostgreSQL to be there. */
const PATIENCE_MS = 60_000

/**
 * Brings the schema up to date, the queue's too where the queue lives in the database. The role `migrate` waits for its
 * database, since a cluster starts both together; a person who starts everything at a terminal is told at once.
 */
export async function migrateDatabase({ config, role, log, stop }: Context, databaseUrl: string): Promise<void> {
  const migration = () => migrateAll(databaseUrl, !config.REDIS_URL, log)
  const applied = await (role === 'migrate' ? retryWhileAway(PATIENCE_MS, migration, log, stop) : migration())
  if (applied.length > 0) log.info({ applied }, 'schema brought up to date')
}
