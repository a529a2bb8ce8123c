import type { Client } from '../client.ts'
import type { Exchange } from '../exchange.ts'
import { Blocked } from '../verdict.ts'

export const wasRefused = ({ status }: Exchange): boolean => status === 429

/** So many requests, one after the other. */
export async function inARow(client: Client, count: number): Promise<Exchange[]> {
  const answers: Exchange[] = []
  for (let n = 0; n < count; n += 1) answers.push(await client.get('/products/'))
  return answers
}

/** Uses a client's quota up. @throws Blocked when it has no end */
export async function exhaust(client: Client, quota: number, path = '/products/'): Promise<Exchange> {
  for (let n = 0; n <= 2 * quota; n += 1) {
    const answer = await client.get(path)
    if (wasRefused(answer)) return answer
  }
  throw new Blocked({
    en: `${2 * quota + 1} requests to ${path}, and none was refused`,
    es: `${2 * quota + 1} peticiones a ${path}, y ninguna fue rechazada`,
  })
}
