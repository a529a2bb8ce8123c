import { isIPv4 } from 'node:net'
import type { FastifyRequest, RouteOptions } from 'fastify'
import { ProblemError } from '../src/http/errors.ts'
import { problems } from '../src/http/problem.ts'

/**
 * Admits only requests from this machine that come from a page of this server or from a program. A run takes a CPU and
 * starts processes, so neither other machines nor pages of other origins may start one:
 *
 * - the connection, and the client named by a trusted proxy, have a loopback address;
 * - `Host` is a loopback name; otherwise a page could be same-origin by DNS rebinding (its own name at 127.0.0.1);
 * - `Origin` and `Sec-Fetch-Site` (W3C Fetch Metadata), where a browser sends them, name this server. A link from another
 *   site only opens the page, and is allowed.
 *
 * @throws ProblemError 403 `lab_forbidden`
 */
export async function guardLab(request: FastifyRequest): Promise<void> {
  const { headers, socket, ip, method } = request
  if (![socket.remoteAddress ?? '', ip].every(isLoopback))
    refuse('The lab is accessible only from the machine that it runs on.')
  if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(headers.host ?? ''))
    refuse('The lab is accessible only under a loopback name such as localhost.')
  const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers
  if (origin !== undefined && origin.replace(/^https?:\/\//, '') !== headers.host)
    refuse('The lab accepts requests only from its own page.')
  const opensPage = method === 'GET' && mode === 'navigate'
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opensPage)
    refuse('The lab accepts requests only from its own page.')
}

/** Says in the OpenAPI document that a route of the lab may refuse its caller. */
export function documentGuard({ schema }: RouteOptions): void {
  if (!schema || schema.hide) return
  schema.response = { ...(schema.response as object), ...problems(403) }
}

function isLoopback(address: string): boolean {
  const mapped = address.replace(/^::ffff:/i, '')
  return mapped === '::1' || (isIPv4(mapped) && mapped.startsWith('127.'))
}

function refuse(detail: string): never {
  throw new ProblemError(403, 'lab_forbidden', detail)
}
