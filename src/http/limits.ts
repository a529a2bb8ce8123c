import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { App } from './validation.ts'

/**
 * What one process takes from its connections. Each is there so that a client, by mistake or on purpose, cannot hold what
 * others need.
 */
export const connectionLimits = {
  /** The largest order, of a hundred items, has 5 KB. */
  bodyLimit: 64 * 1024,
  /** Milliseconds for a whole request to arrive, where REQUEST_TIMEOUT does not answer before. */
  requestTimeout: 10_000,
  /**
   * Milliseconds a connection may idle between two requests: longer than load balancers keep theirs (AWS 60 s), so that it
   * is they who close, and never send on a connection that is just being closed.
   */
  keepAliveTimeout: 75_000,
  /** How many requests a connection may carry is left open: to close it would make a proxy's next request fail. */
  maxRequestsPerSocket: 0,
  http: {
    /** Bytes of all headers together; nginx and Apache pass on no longer line by default. Ours need less than one KB. */
    maxHeaderSize: 8 * 1024,
    /** Milliseconds for the headers to arrive (slowloris), and for the first byte of a new connection. */
    headersTimeout: 10_000,
    /** Milliseconds between two looks for connections that are over one of these times; Node's default is 30 s. */
    connectionsCheckingInterval: 1000,
  },
}

/** Connections at a time: an idle one takes 13 KB, so these take 130 MB, and fit into the container's memory. */
const MAX_CONNECTIONS = 10_000

/** What is no request that can be routed is answered as a problem, too, and its connection is closed. */
const answers: Record<string, { status: string; code: string; detail: string }> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: '408 Request Timeout',
    code: 'request_timeout',
    detail: 'The request did not arrive in time.',
  },
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    code: 'headers_too_large',
    detail: 'The headers are larger than 8 KiB.',
  },
}
const malformed = { status: '400 Bad Request', code: 'malformed_request', detail: 'This is not a valid HTTP request.' }

export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  // Browsers open connections that they may need soon. One that said nothing is closed and told nothing: the browser
  // would take it for the answer to what it asks next.
  if (socket.bytesRead === 0) return void socket.destroy()
  const { status, code, detail } = answers[error.code ?? ''] ?? malformed
  const request_id = randomUUID()
  const problem = {
    type: 'about:blank',
    title: status.slice(4),
    status: Number(status.slice(0, 3)),
    detail,
    code,
    request_id,
  }
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/problem+json',
    `content-length: ${body.length}`,
    `x-request-id: ${request_id}`,
    'x-content-type-options: nosniff',
    'connection: close',
  ]
  // Destroyed once it is on its way: a client that is still sending would otherwise hold the connection.
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
  else socket.destroy()
}

/** The limit that is the server's own. */
export function limitConnections(app: App): void {
  app.server.maxConnections = MAX_CONNECTIONS
}
