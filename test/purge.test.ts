import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { readConfig } from '../src/config.ts'
import { connectDatabase } from '../src/db/database.ts'
import { startShop } from '../src/shop.ts'
import { silent, startPostgres } from '../support/servers.ts'
import { until } from '../support/until.ts'

test('a worker that has only just started purges outcomes and keys of more than 48 hours, however many, and no others', async () => {
  const postgres = await startPostgres('fsync=off') // nothing is killed here
  const db = connectDatabase(postgres.url, { max: 2, timeout: 10_000, log: silent })
  const env = { DATABASE_URL: postgres.url, PORT: '0' }
  await (await startShop({ config: readConfig(env), role: 'migrate', log: silent })).close()
  await sql`
    insert into order_jobs (job_id, status, attempts, created_at, updated_at)
    select gen_random_uuid(), 'rejected', 1, at, at
    from generate_series(1, 12000) as n, lateral (select now() - make_interval(hours => 47 + (n > 1)::int * 2) as at) as t
  `.execute(db)
  await sql`
    insert into idempotency_keys (key, fingerprint, created_at)
    values ('old', '', now() - interval '49 hours'), ('young', '', now() - interval '47 hours')`.execute(db)

  const worker = await startShop({ config: readConfig(env), role: 'worker', log: silent })
  try {
    const keys = await until(async () => {
      const left = await db.selectFrom('idempotency_keys').select('key').execute()
      return left.length < 2 && left
    })
    assert.deepEqual(keys, [{ key: 'young' }])
    const { rows } = await sql<{ young: boolean }>`
      select updated_at > now() - interval '48 hours' as young from order_jobs`.execute(db)
    assert.deepEqual(rows, [{ young: true }])
  } finally {
    await worker.close()
    await db.destroy()
    await postgres.stop()
  }
})
