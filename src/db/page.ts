import { type SelectQueryBuilder, sql } from 'kysely'
import { PAGE_MAX, type PageQuery } from '../http/validation.ts'
import type { Database } from './schema.ts'

const id = sql.ref<number>('id')

/**
 * A page by id of what a query selects (keyset pagination: the next one costs the same, however far), or without `limit`
 * and `after` its newest {@link PAGE_MAX} rows, oldest first.
 */
export async function readPage<Table extends keyof Database, Row>(
  query: SelectQueryBuilder<Database, Table, Row>,
  { limit, after }: PageQuery,
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
