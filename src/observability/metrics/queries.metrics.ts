import { Counter } from 'prom-client'
import type { Registry } from './registry.ts'

/** Counts the statements that go to PostgreSQL; to be called for each. */
export function countQueries(registry: Registry): () => void {
  const queries = new Counter({
    name: 'shop_db_queries_total',
    help: 'Statements that this process sent to PostgreSQL, failed ones included; those of a queue that lives there are not among them.',
    registers: [registry],
  })
  return () => queries.inc()
}
