import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { Modification } from '../../support/modified-shop.ts'

/** What the quick checks leave out. */
export type Trial = 'slow' | 'kill-worker' | 'database'

/** Our shop with one defect, planted from outside: the shop itself has no switch for any of it. */
export interface Mutant extends Modification {
  /** What is wrong, in a line. */
  defect: string
  /** The checks that must be lost; no other may. */
  loses: string[]
  /** What must be tried beside the quick checks for it to show. */
  with?: Trial[]
}

type Change = (text: string, reply: FastifyReply, request: FastifyRequest) => string | undefined

/** Changes what is sent for a route, status and headers included. */
export function onAnswer(url: string | RegExp, change: Change): NonNullable<Mutant['hook']> {
  const isMeant = (request: FastifyRequest) => {
    const path = request.url.split('?', 1)[0] ?? ''
    return typeof url === 'string' ? path === url : url.test(path)
  }
  return (app) =>
    app.addHook('onSend', async (request, reply, payload) =>
      isMeant(request) ? (change(textOf(payload), reply, request) ?? payload) : payload,
    )
}

const textOf = (payload: unknown) => (typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.toString() : '')

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
