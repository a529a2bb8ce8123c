import { sql } from 'kysely'
import type { Db } from '../../src/db/database.ts'
import type { Totals } from './backup-file.ts'

const BATCH = 1000

/** Every table of the shop but those of the migrations, each after those it refers to. */
export async function tablesOf(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string; refers_to: string[] }>`
    select c.relname as name, array(
        select f.relname::text from pg_constraint k join pg_class f on f.oid = k.confrelid
        where k.conrelid = c.oid and k.contype = 'f' and f.oid <> c.oid
      ) as refers_to
    from pg_class c
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname not like 'kysely\\_%'
    order by c.relname`.execute(db)
  const ordered: string[] = []
  for (let left = rows; left.length > 0; ) {
    const free = left.filter(({ refers_to }) => refers_to.every((name) => ordered.includes(name)))
    if (free.length === 0) throw new Error(`tables that refer to each other: ${left.map(({ name }) => name)}`)
    ordered.push(...free.map(({ name }) => name))
    left = left.filter((table) => !free.includes(table))
  }
  return ordered
}

/**
 * The rows of a table as JSON, written by PostgreSQL and not looked at here: numbers and times stay exact. To be called
 * in a transaction.
 */
export async function* rowsOf(db: Db, table: string): AsyncGenerator<string[]> {
  await sql`declare backup no scroll cursor for select row_to_json(t)::text as line from ${sql.table(table)} t`.execute(
    db,
  )
  for (;;) {
    const { rows } = await sql<{ line: string }>`fetch ${sql.lit(BATCH)} from backup`.execute(db)
    if (rows.length === 0) break
    yield rows.map(({ line }) => line)
  }
  await sql`close backup`.execute(db)
}

/** Puts rows, as {@link rowsOf} gave them, into a table. */
export async function insertRows(db: Db, table: string, lines: string[]): Promise<void> {
  const name = sql.table(table)
  const json = `[${lines.join(',')}]`
  await sql`insert into ${name} overriding system value select * from json_populate_recordset(null::${name}, ${json})`.execute(
    db,
  )
}

/** What a table holds at this moment. To be called in a transaction. */
export async function totalsOf(db: Db, table: string): Promise<Totals> {
  await sql`set local timezone to 'UTC'`.execute(db) // times within a row's JSON are in the session's zone
  const { rows } = await sql<{ rows: number; checksum: string }>`
    select count(*) as rows, coalesce(sum(hashtextextended(row_to_json(t)::text, 0)), 0)::text as checksum
    from ${sql.table(table)} t`.execute(db)
  const counter = await counterOf(db, table)
  return { table, ...rows[0]!, last_id: counter === undefined ? null : await lastOf(db, counter) }
}

/** Makes a table give out ids after `last_id`, also where rows with those between are gone. */
export async function goOnAfter(db: Db, table: string, last_id: number): Promise<void> {
  const counter = await counterOf(db, table)
  await sql`select setval(${counter}::regclass, ${Math.max(last_id, 1)}, ${last_id > 0})`.execute(db)
}

/** The sequence that a table's ids come from. */
async function counterOf(db: Db, table: string): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`
    select pg_get_serial_sequence(a.attrelid::regclass::text, a.attname) as name from pg_attribute a
    where a.attrelid = ${table}::regclass and a.attidentity <> ''`.execute(db)
  return rows[0]?.name
}

/** The last id that a sequence gave out, 0 if none. */
async function lastOf(db: Db, counter: string): Promise<number> {
  const { rows } = await sql<{ last_id: number }>`
    select case when is_called then last_value else 0 end as last_id from ${sql.table(counter)}`.execute(db)
  return rows[0]?.last_id ?? 0
}
