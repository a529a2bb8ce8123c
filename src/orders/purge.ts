import { type RawBuilder, sql } from 'kysely'
import { isDatabaseAway } from '../db/away.ts'
import type { Db } from '../db/database.ts'
import type { Logger } from '../log.ts'

/** How long outcomes and idempotency keys are kept: 24 hours are promised, and the rest is a margin. */
const RETENTION_HOURS = 48
const EVERY_MS = 3_600_000
const RETRY_MS = 60_000
/** Rows a statement deletes: few enough to end within the time that a statement may take. */
const PIECE = 5000

/**
 * Purges old outcomes and idempotency keys, now and then every hour. The first purge does not wait for the hour: a worker
 * that is restarted more often would never purge.
 */
export function startPurging(db: Db, log: Logger): { close(): void } {
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  async function run(): Promise<void> {
    const again = await purge(db, RETENTION_HOURS).then(
      () => EVERY_MS,
      (err) => {
        if (!isClosed) log[isDatabaseAway(err) ? 'debug' : 'warn']({ err }, 'old outcomes could not be purged')
        return RETRY_MS
      },
    )
    if (!isClosed) timer = setTimeout(run, again).unref()
  }

  void run()
  return {
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

/** Deletes outcomes and idempotency keys older than `hours`; orders stay. Returns the number of rows deleted. */
export async function purge(db: Db, hours: number): Promise<number> {
  const before = sql`now() - make_interval(hours => ${hours})`
  const outcomes = await inPieces(
    db,
    sql`delete from order_jobs where job_id in (
      select job_id from order_jobs where updated_at < ${before} limit ${PIECE} for update skip locked)`,
  )
  const keys = await inPieces(
    db,
    sql`delete from idempotency_keys where key in (
      select key from idempotency_keys where created_at < ${before} limit ${PIECE} for update skip locked)`,
  )
  return outcomes + keys
}

/** Repeats a statement until it has deleted less than a piece; returns the number of rows deleted. */
async function inPieces(db: Db, statement: RawBuilder<unknown>): Promise<number> {
  let deleted = 0
  for (;;) {
    const { numAffectedRows = 0n } = await statement.execute(db)
    deleted += Number(numAffectedRows)
    if (numAffectedRows < PIECE) return deleted
  }
}
