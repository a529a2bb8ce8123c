import type { Check, Level } from '../check.ts'
import type { Client } from '../client.ts'
import { refused, succeeded } from '../exchange.ts'
import { unique } from '../shop.ts'
import type { Text } from '../text.ts'
import { demand } from '../verdict.ts'

/** A product's body, right but for these fields. */
export const pen = (fields: object) => ({ name: unique('Pen'), price: 1.5, stock: 1, ...fields })
/** A customer's. */
export const ana = (fields: object) => ({
  name: 'Ana',
  email: `${unique('ana').replace(' ', '.')}@example.com`,
  ...fields,
})

/** A wrong request: where it goes, and its body (text is sent as it stands). */
type Wrong = [path: string, body: unknown, headers?: Record<string, string>]

/** A check that each of some wrong requests is refused, and that a right one still works afterwards. */
export function refuses(facts: {
  id: string
  level: Level
  points: number
  does: Text
  hint: Text
  wrong: (client: Client) => Wrong[] | Promise<Wrong[]>
  /** The target may also hang up on it. */
  orHangsUp?: boolean
}): Check {
  const { wrong, orHangsUp, ...check } = facts
  return {
    ...check,
    expects: {
      en: 'a 4xx each time, never a 5xx; and the next right request works',
      es: 'un 4xx cada vez, nunca un 5xx; y la siguiente petición correcta funciona',
    },
    async run(client) {
      for (const [path, body, headers] of await wrong(client)) {
        const answer = await client.post(path, body, headers)
        demand(refused(answer) || (orHangsUp === true && answer.status === 0), [answer])
      }
      const next = await client.post('/products/', pen({}))
      demand(succeeded(next), [next])
    },
  }
}
