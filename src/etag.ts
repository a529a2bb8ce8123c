import { createHash } from 'node:crypto'

/** A strong entity tag over the bytes of a representation (RFC 9110, 8.8.3). */
export const etagOf = (bytes: string): string => `"${createHash('sha1').update(bytes).digest('base64url')}"`

/**
 * Whether `If-None-Match` names this entity tag (RFC 9110, 13.1.2). It compares weakly, so a tag that a proxy weakened
 * (`W/`) when it compressed the body still counts.
 */
export function names(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === etag || ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((part) => part.trim().replace(/^W\//, '') === etag)
}
