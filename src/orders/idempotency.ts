import { hash } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Db } from '../db/database.ts'

/**
 * Claims of `Idempotency-Key`s (draft-ietf-httpapi-idempotency-key-header). A claim is one atomic step, before any work:
 * of a thousand requests with one key exactly one is told `claimed`. The others are told whether their body is the same.
 * Only hashes are kept. Two implementations, because the claim has to live where the queue lives: intake on Redis never
 * waits for the database.
 */
export interface IdempotencyKeys {
  claim(key: string, fingerprint: string): Promise<'claimed' | 'replayed' | 'mismatch'>
}

const RETENTION_MS = 25 * 60 * 60 * 1000

export function redisKeys(redis: Redis): IdempotencyKeys {
  const name = (key: string) => `idempotency:${key}`
  return {
    async claim(key, fingerprint) {
      const before = await redis.set(name(key), fingerprint, 'PX', RETENTION_MS, 'NX', 'GET')
      return before === null ? 'claimed' : before === fingerprint ? 'replayed' : 'mismatch'
    },
  }
}

export function databaseKeys(db: Db): IdempotencyKeys {
  return {
    async claim(key, fingerprint) {
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
  return sha256(
    JSON.stringify(body, (_, value) => (isRecord(value) ? sorted(value) : value)),
    'base64url',
  )
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const sorted = (record: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
