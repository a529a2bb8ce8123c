import type { Client } from '../client.ts'
import { type Exchange, record } from '../exchange.ts'
import type { Text } from '../text.ts'

export const fromCache = (list: Exchange): boolean => record(list).from_cache === true
/** The cache took no part (RFC 9211), as when its store was stalled for a moment; it says nothing about the cache then. */
export const bypassed = (list: Exchange): boolean => /fwd=bypass/.test(String(list.answer['cache-status']))

/** The catalogue, read with its cache taking part. */
export async function readList(client: Client): Promise<Exchange> {
  let list = await client.get('/products/')
  await client.until(15, async () => {
    if (bypassed(list)) list = await client.get('/products/')
    return !bypassed(list) || undefined
  })
  return list
}

/** That a product is not in an answer. */
export function lacks(name: string, list: Exchange | undefined): Text {
  const told = list && `from_cache: ${record(list).from_cache}`
  return { en: `"${name}" is not in the answer (${told})`, es: `"${name}" no está en la respuesta (${told})` }
}
