import { type SelectQueryBuilder, sql } from 'kysely'
import type { Database } from './schema.ts'

/** Rows on a page at most, and without `limit`. */
export const PAGE_MAX = 100

/** `limit` rows with ids above `after`. */
export interface Page {
  limit?: number
  after?: number
}

const id = sql.ref<number>('id')

/**
 * A page by id of what a query selects. Keyset pagination: the next page costs the same, however far it is. Without
 * `limit` and `after`: the newest {@link PAGE_MAX} rows, oldest first.
 */
export async function readPage<Table extends keyof Database, Row>(
  query: SelectQueryBuilder<Database, Table, Row>,
  { limit, after }: Page,
) {
  if (limit === undefined && after === undefined) {
    return (await query.orderBy(id, 'desc').limit(PAGE_MAX).execute()).reverse()
  }
  return query
    .where(id, '>', after ?? 0)
    .orderBy(id)
    .limit(limit ?? PAGE_MAX)
    .execute()
}
