import { ask } from '../support/http.ts'

/** One request and its answer, as far as a person needs them to send it again. */
export interface Exchange {
  method: string
  url: string
  headers: Record<string, string>
  body: string | undefined
  /** The source address it was sent from, if that was chosen. */
  from: string | undefined
  /** Milliseconds on the clock of `performance.now()`. */
  sentAt: number
  answeredAt: number
  /** 0: no answer came. */
  status: number
  answer: Record<string, string | undefined>
  text: string
  /** The answer parsed, or undefined where it is not JSON. */
  json: unknown
}

export interface Outgoing {
  method: string
  url: string
  headers?: Record<string, string>
  body?: string | undefined
  from?: string | undefined
}

/** A target that says nothing for so long has not answered. */
const PATIENCE_MS = 20_000

/** Sends one request on a connection of its own. Never rejects: that no answer came is an answer, of status 0. */
export async function exchange({ method, url, headers = {}, body, from }: Outgoing): Promise<Exchange> {
  const sentAt = performance.now()
  const answer = await ask(url, { method, headers, body, from, alone: true, patience: PATIENCE_MS })
  const { status, text } = answer
  const facts = { method, url, headers, body, from, sentAt, answeredAt: performance.now() }
  return { ...facts, status, answer: Object.fromEntries(answer.headers), text, json: parse(text) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The object that an answer is, or an empty one. */
export function record({ json }: Exchange): Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : {}
}

/** The rows of a list: the answer itself, or the one array in its envelope, whatever that is called. */
export function rows({ json }: Exchange): Record<string, unknown>[] | undefined {
  const list = Array.isArray(json) ? json : Object.values(Object(json)).find(Array.isArray)
  return list as Record<string, unknown>[] | undefined
}

export const succeeded = ({ status }: Exchange): boolean => status >= 200 && status < 300
/** The client is told that the request is wrong. */
export const refused = ({ status }: Exchange): boolean => status >= 400 && status < 500 && status !== 429
export const pathOf = ({ url }: Pick<Exchange, 'url'>): string => url.replace(/^https?:\/\/[^/]+/, '')
