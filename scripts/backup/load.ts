import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import type { Db } from '../../src/db/database.ts'
import { BackupError, type Header, type QueuedOrder, type Totals } from './backup-file.ts'
import { goOnAfter, insertRows, tablesOf, totalsOf } from './tables.ts'

const BATCH = 1000

/** The first line of a backup. @throws BackupError when it is none */
export function parseHeader(line: string | undefined): Header {
  try {
    const header = JSON.parse(line ?? '') as Header
    if (header.format === 'mini-ecommerce-api backup' && header.version === 1) return header
  } catch {} // no JSON
  throw new BackupError('This file is no backup of a shop')
}

/**
 * Fills the tables from the lines after the header, and compares what is there then with what was there when the backup
 * was made. To be called in a transaction, which has to be rolled back when this throws. Tables that hold exactly this
 * backup already are left as they are, so that a restore that was cut short can be run again.
 * @throws BackupError when the tables hold something else, or the backup is damaged
 */
export async function load(
  db: Db,
  lines: AsyncIterable<string>,
): Promise<{ totals: Totals[]; orders: QueuedOrder[]; loaded: boolean }> {
  const tables = await tablesOf(db)
  for (const table of tables) await sql`lock table ${sql.table(table)} in exclusive mode`.execute(db)
  const loaded = (await totalsNow()).every(({ rows }) => rows === 0)

  const totals: Totals[] = []
  const orders: QueuedOrder[] = []
  let section = ''
  let batch: string[] = []
  const flush = async () => {
    if (batch.length > 0 && loaded) await insertRows(db, section, batch)
    batch = []
  }
  for await (const line of lines) {
    if (line.startsWith('"')) {
      await flush()
      section = JSON.parse(line)
      if (![...tables, 'queue', 'totals'].includes(section))
        throw new BackupError(`The backup has a table ${section}, which this shop has not`)
    } else if (section === 'queue') orders.push(JSON.parse(line))
    else if (section === 'totals') totals.push(JSON.parse(line))
    else if (batch.push(line) >= BATCH) await flush()
  }
  if (totals.length === 0) throw new BackupError('The backup was cut short: its last part is missing')

  if (loaded) for (const { table, last_id } of totals) if (last_id !== null) await goOnAfter(db, table, last_id)
  if (!isDeepStrictEqual(await totalsNow(), totals)) {
    throw new BackupError(
      loaded
        ? 'The backup is damaged: what it holds is not what it says. Nothing was restored'
        : 'The database is not empty: restore into one without products, customers and orders',
    )
  }
  return { totals, orders, loaded }

  async function totalsNow(): Promise<Totals[]> {
    const now: Totals[] = []
    for (const table of tables) now.push(await totalsOf(db, table))
    return now
  }
}
