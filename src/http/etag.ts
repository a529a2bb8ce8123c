import { createHash } from 'node:crypto'

/** A strong entity tag over the bytes of a representation (RFC 9110, 8.8.3). */
export const etagOf = (bytes: string): string => `"${createHash('sha1').update(bytes).digest('base64url')}"`

/** The weak tag of what means the same without being the same to the byte (RFC 9110, 8.8.1). */
export const weakened = (etag: string): string => `W/${etag}`

/** Whether `If-None-Match` has this entity tag (RFC 9110, 13.1.2). It compares weakly, so `W/` does not count. */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === etag || ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((part) => opaque(part.trim()) === opaque(etag))
}

const opaque = (etag: string) => etag.replace(/^W\//, '')
