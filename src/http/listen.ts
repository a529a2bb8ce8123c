import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Shutdown } from '../shutdown.ts'

/** What all of Fastify's instances have in common, whatever their type parameters. */
interface Listener {
  server: Server
  listen(address: { host: string; port: number }): Promise<string>
  close(): PromiseLike<unknown>
}

interface Options {
  host: string
  /** 0: any free port. */
  port: number
  shutdown: Shutdown
}

/** Lets a server listen, and closes it on shutdown. Returns its URL. @throws EADDRINUSE, EACCES */
export async function listen(app: Listener, { host, port, shutdown }: Options): Promise<string> {
  shutdown.defer(() => {
    // A request that never arrives in full holds the server open: Node stops timing it out once the server closes.
    const cut = setTimeout(() => app.server.closeAllConnections(), shutdown.remaining() / 2)
    return Promise.resolve(app.close()).finally(() => clearTimeout(cut))
  })
  await app.listen({ host, port })
  const { port: bound } = app.server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`
}
