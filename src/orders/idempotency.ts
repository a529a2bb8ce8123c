import { hash } from 'node:crypto'
import type { JobsOptions, Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Db } from '../db/database.ts'

interface KeyedRequest {
  /** The hash of its key, and that of its body. */
  key: string
  fingerprint: string
  /** What follows from both. */
  job_id: string
}

/** The first to come with its key; come with the same body before; or come with another body before, and not put in. */
type Claim = 'claimed' | 'replayed' | 'mismatch'

/**
 * Claims of `Idempotency-Key`s (draft-ietf-httpapi-idempotency-key-header). A claim is atomic: of a thousand requests with
 * one key exactly one is told `claimed`. Only hashes are kept. Two implementations, because the claim has to live where
 * the queue lives: intake on Redis never waits for the database.
 */
export interface IdempotencyKeys {
  /**
   * Claims a key, and has the order put into the queue unless the key came with another body before. One that came with
   * this body is put in again, in case the request before died in between: the queue knows its id.
   * @param add puts it in, with options for the queue; resolves with the id of the job that the queue has for the key
   */
  claim(request: KeyedRequest, add: (options?: JobsOptions) => Promise<string | undefined>): Promise<Claim>
}

const RETENTION_MS = 25 * 60 * 60 * 1000

/**
 * The claim, in one step. KEYS[1] is the claim, KEYS[2] the note by which BullMQ knows that a job must not be added; ARGV are
 * the body's fingerprint, and for how many milliseconds each is kept. → the fingerprint that claimed the key before, if
 * any. When it is another's, the job that follows is kept out.
 */
const CLAIM = `
local before = redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX', 'GET')
if not before then redis.call('DEL', KEYS[2])
elseif before ~= ARGV[1] then redis.call('SET', KEYS[2], before, 'PX', ARGV[3]) end
return before`

/** Long enough for the job to follow its claim, whatever holds Redis up in between. */
const KEEP_OUT_MS = 60 * 60 * 1000

/**
 * Claim and order are sent together, before it is known whether the key is free: Redis does one after the other, and writes
 * both to its disk at once. BullMQ's deduplication keeps a job out whose claim found another body, and since its answer
 * says what became of the job, it is the one that decides, even where the claim was refused.
 */
export function redisKeys(redis: Redis, queue: Queue): IdempotencyKeys {
  const keepOut = (job_id: string) => `${queue.toKey('de')}:${job_id}`
  return {
    async claim({ key, fingerprint, job_id }, add) {
      const keys = [`idempotency:${key}`, keepOut(job_id)]
      const [before, added] = await Promise.all([
        redis.eval(CLAIM, keys.length, ...keys, fingerprint, RETENTION_MS, KEEP_OUT_MS).catch(() => null),
        add({ deduplication: { id: job_id, ttl: 1 } }), // asks for the note; its own, which it leaves, is not needed
      ])
      if (added !== job_id) return 'mismatch'
      return before === fingerprint ? 'replayed' : 'claimed'
    },
  }
}

/** Claim and order are two steps. */
export function databaseKeys(db: Db): IdempotencyKeys {
  async function claim(key: string, fingerprint: string): Promise<Claim> {
    const claimed = await db
      .insertInto('idempotency_keys')
      .values({ key, fingerprint })
      .onConflict((conflict) => conflict.doNothing())
      .returning('key')
      .executeTakeFirst()
    if (claimed) return 'claimed'
    const before = await db
      .selectFrom('idempotency_keys')
      .select('fingerprint')
      .where('key', '=', key)
      .executeTakeFirst()
    return before?.fingerprint === fingerprint ? 'replayed' : 'mismatch'
  }
  return {
    async claim({ key, fingerprint }, add) {
      const claimed = await claim(key, fingerprint)
      if (claimed !== 'mismatch') await add()
      return claimed
    },
  }
}

/** The key of a header value, which may be quoted (a structured-field string) or bare; undefined when it is not one. */
export function parseKey(header: string): string | undefined {
  const value = /^"(.*)"$/.exec(header)?.[1]?.replace(/\\(["\\])/g, '$1') ?? header
  return value.length > 0 && value.length <= 255 ? value : undefined
}

const sha256 = (text: string, encoding: 'hex' | 'base64url') => hash('sha256', text, encoding)

export const hashKey = (key: string): string => sha256(key, 'base64url')

/**
 * A UUID (version 8, RFC 9562) that follows from the key and the body's fingerprint. So should the claim be lost with its
 * store, or be forgotten after its time, a retry still names the same job, and is answered with its old order; another
 * body under the same key is another job, and can't be answered with what became of the first.
 */
export function jobIdOf(key: string, fingerprint: string): string {
  const hex = sha256(`job:${fingerprint}:${key}`, 'hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Equal for bodies that mean the same, in whatever order their fields came. */
export function fingerprintOf(body: unknown): string {
  return sha256(JSON.stringify(sorted(body)), 'base64url')
}

/** The same value, with the fields of each of its objects by their names. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(fields.map(([name, field]) => [name, sorted(field)]))
}
