import { readdirSync, readFileSync } from 'node:fs'
import { runMigrations } from 'bullmq'
import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import pg from 'pg'
import type { Logger } from '../log.ts'
import { connectDatabase, type Db } from './database.ts'

const MIGRATION_TIMEOUT_MS = 60 * 60_000

const folder = new URL('./migrations/', import.meta.url)
/** The files of this code, in order. */
export const files = readdirSync(folder)
  .filter((file) => file.endsWith('.sql'))
  .sort()
const latest = files.at(-1) ?? ''

/**
 * Brings the schema up to date: first the queue's, where the queue lives in the database, then ours. So ours is up to date
 * only if both are. Returns the files of ours that were applied.
 * @param upTo the last file to apply, to restore a backup of an older shop
 */
export async function migrateAll(
  databaseUrl: string,
  queueInDatabase: boolean,
  log: Logger,
  upTo = latest,
): Promise<string[]> {
  if (queueInDatabase) {
    const client = new pg.Client({ connectionString: databaseUrl })
    client.on('error', () => {}) // the statement under way is rejected
    await client.connect()
    await runMigrations(client).finally(() => client.end())
  }
  // A connection of its own: an index on a large table takes longer than a request may.
  const db = connectDatabase(databaseUrl, { max: 2, timeout: MIGRATION_TIMEOUT_MS, log })
  return migrate(db, upTo).finally(() => db.destroy())
}

/**
 * Brings our tables up to date. Each file is applied once, in the order of their names, in a transaction, under a lock:
 * replicas that start together wait for the one that migrates. Files are only ever added, never changed. A schema with more
 * files than this code has is left as it is: the shop was rolled back, and the older version runs on it.
 * @throws the error of the file that failed; that file's changes are rolled back
 */
export async function migrate(db: Db, upTo = latest): Promise<string[]> {
  if (await isMigrated(db, upTo)) return []
  const apply = (file: string): Migration => ({
    up: async (transaction) => {
      await sql.raw(readFileSync(new URL(file, folder), 'utf8')).execute(transaction)
    },
  })
  const provider = { getMigrations: async () => Object.fromEntries(files.map((file) => [file, apply(file)])) }
  const { error, results = [] } = await new Migrator({ db, provider }).migrateTo(upTo)
  if (error) throw error
  return results.map((result) => result.migrationName)
}

/**
 * Whether the migrations up to one file have been applied, by default the last that this code needs. Rejects while the
 * database is away.
 */
export async function isMigrated(db: Db, upTo = latest): Promise<boolean> {
  const applied = await appliedMigrations(db)
  return applied.includes(upTo)
}

/** The files that have been applied, in order; none in an empty database. */
export async function appliedMigrations(db: Db): Promise<string[]> {
  const { rows } = await sql<{ there: boolean }>`select to_regclass('kysely_migration') is not null as there`.execute(
    db,
  )
  if (!rows[0]?.there) return []
  const { rows: applied } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  return applied.map(({ name }) => name)
}
