import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { App } from '../../src/http/validation.ts'
import type { ReplaceableParts } from '../../src/replaceable-parts.ts'

/** What the quick checks leave out. */
export type Trial = 'slow' | 'kill-worker' | 'database'

/** Our shop with one defect, planted from outside: the shop itself has no switch for any of it. */
export interface Mutant {
  /** What is wrong, in a line. */
  defect: string
  /** The checks that must be lost; no other may. */
  loses: string[]
  /** What must be tried beside the quick checks for it to show. */
  with?: Trial[]
  env?: Record<string, string>
  /** Naive parts where the real ones are. */
  parts?: Partial<ReplaceableParts>
  /** Is given the API's server before anything else is. */
  hook?: (app: App) => void
}

type Change = (text: string, reply: FastifyReply, request: FastifyRequest) => string | undefined

/** Changes what is sent for a route, status and headers included, by Fastify or past it. */
export function onAnswer(url: string | RegExp, change: Change): NonNullable<Mutant['hook']> {
  const isMeant = (request: FastifyRequest) => {
    const path = request.url.split('?', 1)[0] ?? ''
    return typeof url === 'string' ? path === url : url.test(path)
  }
  return (app) => {
    app.addHook('onSend', async (request, reply, payload) =>
      isMeant(request) ? (change(typeof payload === 'string' ? payload : '', reply, request) ?? payload) : payload,
    )
    app.addHook('onRequest', async (request, reply) => {
      if (isMeant(request)) changePastFastify(request, reply, change)
    })
  }
}

/** Keeps what a route writes by itself, which it does after `reply.hijack()`, until it has written all. */
function changePastFastify(request: FastifyRequest, reply: FastifyReply, change: Change): void {
  const { raw } = reply
  const { writeHead, write, end } = raw
  type Head = [status: number, headers: OutgoingHttpHeaders | OutgoingHttpHeader[]]
  let head: Head | undefined
  const body: Buffer[] = []
  const passHead = () => {
    if (head) Reflect.apply(writeHead, raw, head)
    head = undefined
  }
  raw.writeHead = (...args: unknown[]) => {
    head = args as Head
    return raw
  }
  raw.write = (...args: unknown[]) => {
    if (reply.sent && head) return body.push(Buffer.from(...(args as [string, BufferEncoding]))) > 0
    passHead()
    return Reflect.apply(write, raw, args)
  }
  raw.end = (...args: unknown[]) => {
    if (reply.sent && head) {
      if (args[0]) body.push(Buffer.from(args[0] as Buffer))
      const text = Buffer.concat(body).toString()
      const [status, given] = head
      const headers = Array.isArray(given) ? inPairs(given) : given
      for (const name in reply.getHeaders()) if (!(name in headers)) reply.removeHeader(name)
      const changed = change(text, reply.code(status).headers(headers), request) ?? text
      if (text) reply.header('content-length', Buffer.byteLength(changed))
      head = [reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders]
      args = [changed]
    }
    passHead()
    return Reflect.apply(end, raw, args)
  }
}

const inPairs = (list: OutgoingHttpHeader[]): OutgoingHttpHeaders =>
  Object.fromEntries(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1]]] : [])))

/** Changes a route as it is declared. */
export function onRoute(
  matches: (route: RouteOptions) => boolean,
  change: (route: RouteOptions) => void,
): NonNullable<Mutant['hook']> {
  return (app) =>
    app.addHook('onRoute', (route) => {
      if (matches(route)) change(route)
    })
}

/** Changes a body before it is checked. */
export function onBody(change: (body: Record<string, unknown>) => void): NonNullable<Mutant['hook']> {
  return (app) =>
    app.addHook('preValidation', async ({ body }) => {
      if (typeof body === 'object' && body !== null && !Array.isArray(body)) change(body as Record<string, unknown>)
    })
}

/** Whether a route creates things at this path. */
export const creates =
  (url: string) =>
  (route: RouteOptions): boolean =>
    route.url === url && route.method === 'POST'

/** Replaces the rule for one field of a route's body. */
export function relax(route: RouteOptions, field: string, rule: object): void {
  const body = route.schema?.body as { properties: object }
  route.schema = { ...route.schema, body: { ...body, properties: { ...body.properties, [field]: rule } } }
}
