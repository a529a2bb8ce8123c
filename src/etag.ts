import { createHash } from 'node:crypto'

/** A strong entity tag over the bytes of a representation (RFC 9110, 8.8.3). */
export const etagOf = (bytes: string): string => `"${createHash('sha1').update(bytes).digest('base64url')}"`

/**
 * Whether a list of entity tags from `If-Match` or `If-None-Match` names this one (RFC 9110, 13.1). `If-None-Match`
 * compares weakly, so a tag that a proxy weakened (`W/`) when it compressed the body still counts there.
 */
export function names(header: string, etag: string, { weak }: { weak: boolean }): boolean {
  if (header.trim() === '*') return true
  return header.split(',').some((part) => (weak ? part.trim().replace(/^W\//, '') : part.trim()) === etag)
}
