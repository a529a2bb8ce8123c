import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { connectDatabase } from '../src/db/database.ts'
import { silent, startPostgres } from '../support/servers.ts'

test('timestamps are RFC 3339 with milliseconds, in UTC, wherever the database thinks it is', async () => {
  const postgres = await startPostgres('fsync=off')
  const times = [
    ['2026-01-05 10:00:00+00', '2026-01-05T10:00:00.000Z'],
    ['2026-01-05 10:00:00.02+00', '2026-01-05T10:00:00.020Z'],
    ['2026-12-31 23:59:59.999999+00', '2026-12-31T23:59:59.999Z'],
    ['2026-01-05 10:00:00.5-05:30', '2026-01-05T15:30:00.500Z'],
  ]
  try {
    for (const zone of ['UTC', 'America/Montevideo', 'Asia/Kolkata']) {
      const url = `${postgres.url}?options=${encodeURIComponent(`-c TimeZone=${zone}`)}`
      const db = connectDatabase(url, { max: 1, timeout: 10_000, log: silent })
      for (const [given, expected] of times) {
        const { rows } = await sql<{ time: string }>`select ${given}::timestamptz as time`.execute(db)
        assert.equal(rows[0]?.time, expected, `${given} in ${zone}`)
      }
      await db.destroy()
    }
  } finally {
    await postgres.stop()
  }
})
