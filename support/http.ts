import { Agent, type IncomingMessage, request } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { PATIENCE_MS } from './until.ts'

/** As loosely typed as what JSON.parse returns, for those who look at what is in it. */
type Json = ReturnType<typeof JSON.parse>

/** What a request is answered. */
export interface Answer<Body = Json> {
  /** 0: no answer came. */
  status: number
  headers: Headers
  text: string
  /** The text parsed; an empty object where it is not JSON. */
  readonly json: Body
  /** Milliseconds from the request to the end of the answer. */
  ms: number
  /** Why no answer came. With `ECONNREFUSED` nothing has reached the server; otherwise what the request did is unknown. */
  error?: NodeJS.ErrnoException
}

export interface Outgoing {
  /** By default GET, or POST where there is a body. */
  method?: string
  headers?: Record<string, string>
  /** Sent as JSON, unless it is text already. */
  body?: unknown
  /** How many milliseconds to wait for the end of the answer. */
  patience?: number
  /** On a connection of its own. */
  alone?: boolean
  /** The source address. */
  from?: string | undefined
}

/** More than the five seconds after which the shop itself gives up. */
const ANSWER_MS = 15_000

const options = { keepAlive: true, maxFreeSockets: 256 }
const agent = new Agent(options)
const secureAgent = new SecureAgent(options)

/** Sends a request and reads the answer. Never rejects: that no answer came is an outcome, too. */
export function ask<Body = Json>(url: string, outgoing: Outgoing = {}): Promise<Answer<Body>> {
  const { body, patience = ANSWER_MS, alone = false, from } = outgoing
  const bytes = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const method = outgoing.method ?? (bytes === undefined ? 'GET' : 'POST')
  const ofBody = bytes !== undefined && {
    'content-type': 'application/json',
    'content-length': `${Buffer.byteLength(bytes)}`,
  }
  const isSecure = url.startsWith('https:')
  const sentAt = performance.now()
  return new Promise((resolve) => {
    const end = (status: number, headers: Headers, text: string) => {
      clearTimeout(timer)
      resolve(answerOf(status, headers, text, performance.now() - sentAt))
    }
    const lost = (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      const nothing = answerOf<Body>(0, new Headers(), `no answer: ${error.message}`, performance.now() - sentAt)
      resolve(Object.assign(nothing, { error }))
    }
    const sending = (isSecure ? secureRequest : request)(url, {
      method,
      agent: !alone && (isSecure ? secureAgent : agent),
      headers: { ...ofBody, ...outgoing.headers },
      ...(from && { localAddress: from, family: 4 }),
    })
    const timer = setTimeout(() => sending.destroy(new Error(`none within ${patience / 1000} s`)), patience)
    sending.on('error', lost)
    sending.on('response', (incoming) => {
      let text = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (chunk: string) => {
        text += chunk
      })
      incoming.on('error', lost)
      incoming.on('end', () => end(incoming.statusCode ?? 0, headersOf(incoming), text))
    })
    sending.end(bytes)
  })
}

/** As `ask`, and waits as long as a test does. @throws when no answer came */
export async function send<Body = Json>(url: string, outgoing: Outgoing = {}): Promise<Answer<Body>> {
  const answer = await ask<Body>(url, { patience: PATIENCE_MS, ...outgoing })
  if (answer.error) throw new Error(`${url}: ${answer.text}`, { cause: answer.error })
  return answer
}

/** As `ask`, for requests that prepare something; returns the JSON. @throws when the status is not 2xx */
export async function must<Body = Json>(url: string, outgoing: Outgoing = {}): Promise<Body> {
  const { status, text, json } = await ask<Body>(url, outgoing)
  if (status < 200 || status > 299) throw new Error(`${url} answered ${status || 'nothing'}: ${text}`)
  return json
}

function answerOf<Body>(status: number, headers: Headers, text: string, ms: number): Answer<Body> {
  let parsed: { json: Body } | undefined
  return {
    status,
    headers,
    text,
    ms,
    // When it is asked for: long lists are often only counted.
    get json() {
      parsed ??= { json: parse(text) }
      return parsed.json
    },
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
  return headers
}
