import { setTimeout as sleep } from 'node:timers/promises'
import type { Addresses } from './addresses.ts'
import { type Exchange, exchange, type Outgoing, record, succeeded } from './exchange.ts'
import { Blocked } from './verdict.ts'

interface Options {
  headers?: Record<string, string>
  /** Sent as JSON, unless it is text already. */
  body?: unknown
}

/** What a check asks the target with. */
export interface Client {
  send(method: string, path: string, options?: Options): Promise<Exchange>
  get(path: string, headers?: Record<string, string>): Promise<Exchange>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Exchange>
  /** Many at once. @throws Blocked where the limit would be in the way */
  crowd<T>(size: number, act: (index: number) => Promise<T>): Promise<T[]>
  /** A client that keeps to one address and is told of the limit; `address` where there are many. */
  pin(address?: string): Promise<Client & { address: string | undefined }>
  /** Asks until there is something true, or gives the last answer after `seconds`. */
  until<T>(seconds: number, look: () => Promise<T | undefined>): Promise<T | undefined>
  /** Deletes the products it has made, where the target can; those that were ordered stay. */
  tidy(): Promise<void>
}

interface Setting {
  /** Base URL, without a slash at its end. */
  target: string
  /** Sent with every request. */
  headers: Record<string, string>
  addresses: Addresses
  /** Whether the target limits its clients at all. */
  limited: boolean
}

/** As long as a limit of so many a minute can take, and a second. */
const WINDOW_MS = 61_000
const PATIENCE_MS = 5 * WINDOW_MS

export function openClient({ target, headers: always, addresses, limited }: Setting): Client {
  let crowdsPass = addresses.many || !limited
  const slowly = () => limited && !crowdsPass

  const outgoing = (method: string, path: string, { headers = {}, body }: Options): Outgoing => ({
    method,
    url: path.startsWith('/') ? target + path : path,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...always, ...headers },
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
  })

  const made = new Set<unknown>()
  const ask = async (outgoing: Outgoing): Promise<Exchange> => {
    const answer = await exchange(outgoing)
    if (outgoing.method === 'POST' && outgoing.url.endsWith('/products/') && succeeded(answer))
      made.add(record(answer).id)
    return answer
  }

  /** From an address of its own, and again after a wait for as long as the limit refuses it. */
  async function send(method: string, path: string, options: Options = {}): Promise<Exchange> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const answer = await ask({ ...outgoing(method, path, options), from: addresses.next() })
      if (answer.status !== 429) return answer
      crowdsPass = false // a new address is no new client to this target, or something between hides it
      if (performance.now() > deadline) throw inTheWay([answer])
      await sleep(Math.min(WINDOW_MS, Number(answer.answer['retry-after'] ?? 6) * 1000 + 100))
    }
  }

  const verbs = (sender: Client['send']) => ({
    send: sender,
    get: (path: string, headers = {}) => sender('GET', path, { headers }),
    post: (path: string, body: unknown, headers = {}) => sender('POST', path, { headers, body }),
  })

  const client: Client = {
    ...verbs(send),
    async crowd(size, act) {
      if (slowly()) throw inTheWay()
      return Promise.all(Array.from({ length: size }, (_, index) => act(index)))
    },
    async pin(address = addresses.next()) {
      if (!addresses.many) await sleep(WINDOW_MS) // what was asked before is forgotten then
      const from = (method: string, path: string, options: Options = {}) =>
        ask({ ...outgoing(method, path, options), from: address })
      return { ...client, ...verbs(from), address }
    },
    async tidy() {
      if (slowly()) return
      for (const id of made) {
        const { status } = await send('DELETE', `/products/${id}`)
        if (status === 405 || status === 0) return
      }
    },
    async until(seconds, look) {
      const deadline = performance.now() + (slowly() ? seconds + PATIENCE_MS / 1000 : seconds) * 1000
      for (;;) {
        const found = await look()
        if (found || performance.now() > deadline) return found
        await sleep(slowly() ? 6500 : 50)
      }
    },
  }
  return client
}

const inTheWay = (history: Exchange[] = []) =>
  new Blocked(
    {
      en: 'The limit of the target is in the way. Start it with its limit off and say so: --limit off',
      es: 'El límite del objetivo estorba. Arránquelo con el límite apagado y dígalo: --limit off',
    },
    history,
  )
