import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares two secrets in a time that tells neither where they differ nor how long they are. */
export function sameSecret(given: string, secret: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(secret))
}

/** What follows the scheme `Bearer` in an `Authorization` header; undefined in any other header (RFC 6750). */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(header ?? '')?.[1]
}
