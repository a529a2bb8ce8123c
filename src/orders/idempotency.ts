import { hash } from 'node:crypto'
import type { JobsOptions, Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Db } from '../db/database.ts'
import { keepOutKey } from '../patterns/queue/bullmq-workarounds.ts'

interface KeyedRequest {
  /** Hash of the key. */
  key: string
  /** Hash of the body. */
  fingerprint: string
  /** Follows from both hashes. */
  job_id: string
}

/**
 * - `claimed`: the key is new, and now belongs to this request.
 * - `replayed`: a request with this key and the same body came before.
 * - `mismatch`: a request with this key and another body came before; the order was not enqueued.
 */
type Claim = 'claimed' | 'replayed' | 'mismatch'

/**
 * Claims of `Idempotency-Key`s (draft-ietf-httpapi-idempotency-key-header). A claim is atomic: of a thousand requests with
 * one key exactly one gets `claimed`. Only hashes are stored. There are two implementations because the claim is stored
 * where the queue is: intake on Redis never waits for the database.
 */
export interface IdempotencyKeys {
  /**
   * Claims a key and enqueues the order, unless the key came with another body before. An order that came with this body
   * before is enqueued again, in case the earlier request died in between: the queue knows its id.
   * @param add enqueues the order, with options for the queue; resolves with the id of the job that the queue has for it
   */
  claim(request: KeyedRequest, add: (options?: JobsOptions) => Promise<string | undefined>): Promise<Claim>
}

const RETENTION_MS = 25 * 60 * 60 * 1000

/**
 * Claims a key in one step. KEYS[1] is the claim, KEYS[2] the note by which BullMQ's deduplication knows not to add a job.
 * ARGV are the body's fingerprint and the milliseconds that claim and note are kept. Returns the fingerprint that claimed
 * the key before, if any. When that is another one, the note keeps the following job out.
 */
const CLAIM = `
local before = redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX', 'GET')
if not before then redis.call('DEL', KEYS[2])
elseif before ~= ARGV[1] then redis.call('SET', KEYS[2], before, 'PX', ARGV[3]) end
return before`

/** Long enough for the job to follow its claim, even when Redis hangs in between. */
const KEEP_OUT_MS = 60 * 60 * 1000

/**
 * Sends claim and order together, before it is known whether the key is free: Redis processes them in this order and writes
 * both to its disk at once. BullMQ's deduplication keeps a job out whose claim found another body. Its answer says whether
 * the job was added, so that answer decides, even when the claim itself failed.
 */
export function redisKeys(redis: Redis, queue: Queue): IdempotencyKeys {
  return {
    async claim({ key, fingerprint, job_id }, add) {
      const keys = [`idempotency:${key}`, keepOutKey(queue, job_id)]
      const [before, added] = await Promise.all([
        redis.eval(CLAIM, keys.length, ...keys, fingerprint, RETENTION_MS, KEEP_OUT_MS).catch(() => null),
        add({ deduplication: { id: job_id, ttl: 1 } }), // checks the note; the one it writes itself expires at once
      ])
      if (added !== job_id) return 'mismatch'
      return before === fingerprint ? 'replayed' : 'claimed'
    },
  }
}

/** Claims the key first, then enqueues the order. */
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

/** The key in a header value, which may be quoted (a structured-field string) or bare; undefined when there is none. */
export function parseKey(header: string): string | undefined {
  const value = /^"(.*)"$/.exec(header)?.[1]?.replace(/\\(["\\])/g, '$1') ?? header
  return value.length > 0 && value.length <= 255 ? value : undefined
}

const sha256 = (text: string, encoding: 'hex' | 'base64url') => hash('sha256', text, encoding)

export const hashKey = (key: string): string => sha256(key, 'base64url')

/**
 * A UUID (version 8, RFC 9562) that follows from the key and the body's fingerprint. When the claim has expired or was lost
 * with its store, a retry still names the same job and gets its old order. Another body with the same key is another job,
 * and cannot get the outcome of the first.
 */
export function jobIdOf(key: string, fingerprint: string): string {
  const hex = sha256(`job:${fingerprint}:${key}`, 'hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** A hash that is equal for bodies with equal fields, in any order. */
export function fingerprintOf(body: unknown): string {
  return sha256(JSON.stringify(sorted(body)), 'base64url')
}

/** The same value with the fields of each object sorted by name. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(fields.map(([name, field]) => [name, sorted(field)]))
}
