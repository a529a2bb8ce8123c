import { readdirSync, readFileSync } from 'node:fs'
import { runMigrations } from 'bullmq'
import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import pg from 'pg'
import type { Logger } from '../log.ts'
import { connectDatabase, type Db } from './database.ts'

const MIGRATION_TIMEOUT_MS = 60 * 60_000

const folder = new URL('./migrations/', import.meta.url)
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.sql'))
  .sort()

/**
 * Brings the schema up to date: first the queue's, where the queue lives in the database, then ours. So whoever sees
 * ours up to date knows that both are. Returns the files of ours that were applied.
 */
export async function migrateAll(databaseUrl: string, queueInDatabase: boolean, log: Logger): Promise<string[]> {
  if (queueInDatabase) {
    const client = new pg.Client({ connectionString: databaseUrl })
    await client.connect()
    await runMigrations(client).finally(() => client.end())
  }
  // A connection of its own: an index on a large table takes longer than a request may.
  const db = connectDatabase(databaseUrl, { max: 2, timeout: MIGRATION_TIMEOUT_MS, log })
  return migrate(db).finally(() => db.destroy())
}

/**
 * Brings our tables up to date. Files are applied once each, in the order of their names, each in a transaction, under
 * a lock: replicas that start together wait for the one that migrates. Files are only ever added, never changed.
 * @throws the error of the file that failed; that file's changes are rolled back
 */
export async function migrate(db: Db): Promise<string[]> {
  const apply = (file: string): Migration => ({
    up: async (transaction) => {
      await sql.raw(readFileSync(new URL(file, folder), 'utf8')).execute(transaction)
    },
  })
  const provider = { getMigrations: async () => Object.fromEntries(files.map((file) => [file, apply(file)])) }
  const { error, results = [] } = await new Migrator({ db, provider }).migrateToLatest()
  if (error) throw error
  return results.map((result) => result.migrationName)
}

/** Whether every migration this code needs has been applied. Rejects when the database is away. */
export async function isMigrated(db: Db): Promise<boolean> {
  const last = files.at(-1) ?? ''
  const { rows } = await sql<{ there: boolean }>`select to_regclass('kysely_migration') is not null as there`.execute(
    db,
  )
  if (!rows[0]?.there) return false
  const { rows: applied } = await sql`select 1 from kysely_migration where name = ${last}`.execute(db)
  return applied.length > 0
}
