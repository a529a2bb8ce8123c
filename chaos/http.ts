import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { request as secureRequest } from 'node:https'

export interface Answer<Body> {
  /** 0: no answer came, and what the request did is unknown unless `sent` is false. */
  status: number
  headers: IncomingHttpHeaders
  body: Body
  /** Whether anything can have reached the server. */
  sent: boolean
}

/** What an order or a problem is answered with, as far as clients look at it. */
export interface Receipt {
  code?: string
  job_id?: string
  detail?: string
}

const agent = new Agent({ keepAlive: true, maxFreeSockets: 256 })

/** More than the five seconds after which the shop itself gives up. */
const PATIENCE_MS = 8000

/** Sends a request and reads its JSON. Never rejects: that no answer came is an outcome, too. */
export function send<Body>(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: unknown; patience?: number } = {},
): Promise<Answer<Body>> {
  const { method = options.body === undefined ? 'GET' : 'POST', headers = {}, body, patience = PATIENCE_MS } = options
  const bytes = body === undefined ? undefined : JSON.stringify(body)
  const secure = url.startsWith('https:')
  return new Promise((resolve) => {
    const lost = (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      resolve({ status: 0, headers: {}, body: {} as Body, sent: error.code !== 'ECONNREFUSED' })
    }
    const outgoing = (secure ? secureRequest : request)(
      url,
      {
        method,
        ...(!secure && { agent }),
        headers: { ...(bytes && { 'content-type': 'application/json' }), ...headers },
      },
      (incoming) => {
        let text = ''
        incoming.setEncoding('utf8')
        incoming.on('data', (chunk: string) => {
          text += chunk
        })
        incoming.on('error', lost)
        incoming.on('end', () => {
          clearTimeout(timer)
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: parse(text) as Body,
            sent: true,
          })
        })
      },
    )
    const timer = setTimeout(() => outgoing.destroy(new Error('no answer in time')), patience)
    outgoing.on('error', lost)
    outgoing.end(bytes)
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

/** Lets `work` run over a list, `width` at a time. */
export async function inParallel<T>(
  width: number,
  list: Iterable<T>,
  work: (entry: T) => Promise<void>,
): Promise<void> {
  const entries = list[Symbol.iterator]()
  const run = async () => {
    for (let next = entries.next(); !next.done; next = entries.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: width }, run))
}
