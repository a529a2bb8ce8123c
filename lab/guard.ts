import { isIPv4 } from 'node:net'
import type { FastifyRequest, RouteOptions } from 'fastify'
import { ProblemError } from '../src/http/errors.ts'
import { problem } from '../src/http/openapi.ts'

/**
 * Lets only whoever sits at this machine through, on a page of this server. A run costs a CPU and starts processes, so
 * neither another machine may ask for it, nor a page elsewhere that this machine's browser happens to show:
 *
 * - the connection, and the client that a trusted proxy names, have a loopback address;
 * - `Host` is a loopback name, else a page could point a name of its own at 127.0.0.1 (DNS rebinding), and be same-origin;
 * - `Origin` and `Sec-Fetch-Site` (W3C Fetch Metadata), where a browser sends them, name this server. To come here by a
 *   link from elsewhere is no more than to open the page, and allowed.
 *
 * @throws ProblemError 403 `lab_forbidden`
 */
export async function guardLab(request: FastifyRequest): Promise<void> {
  const { headers, socket, ip, method } = request
  if (![socket.remoteAddress ?? '', ip].every(isLoopback)) refuse('The lab answers the machine it runs on only.')
  if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(headers.host ?? ''))
    refuse('The lab answers to loopback names only, as localhost.')
  const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers
  if (origin !== undefined && origin.replace(/^https?:\/\//, '') !== headers.host)
    refuse('The lab takes requests from its own page only.')
  const opensPage = method === 'GET' && mode === 'navigate'
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opensPage)
    refuse('The lab takes requests from its own page only.')
}

/** Says in the OpenAPI document that a route of the lab may refuse its caller. */
export function documentGuard({ schema }: RouteOptions): void {
  if (!schema || schema.hide) return
  schema.response = { ...(schema.response as object), 403: problem('Not from this machine, or from a page elsewhere') }
}

function isLoopback(address: string): boolean {
  const mapped = address.replace(/^::ffff:/i, '')
  return mapped === '::1' || (isIPv4(mapped) && mapped.startsWith('127.'))
}

function refuse(detail: string): never {
  throw new ProblemError(403, 'lab_forbidden', detail)
}
