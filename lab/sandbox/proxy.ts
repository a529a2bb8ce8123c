import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { freePort } from '../../src/db/embedded/free-port.ts'

/** One connection through the proxy, as a fault sees it. */
export interface Connection {
  /** The first bytes of the client; for PostgreSQL they contain the application's name. */
  hello: Buffer
  /** Delays each further answer by `ms` milliseconds. */
  delay(ms: number): void
  /** Drops all further answers: requests arrive, but their clients hear nothing. */
  deafen(): void
  /** Drops what the client has just sent and all that it sends from now on. */
  mute(): void
  /** Closes both sides. */
  cut(): void
}

export interface TcpProxy {
  port: number
  /** The same URL, through the proxy. */
  through(url: string): string
  /** Called with what a client sends, except its first bytes, before it is forwarded. */
  onRequest: (bytes: Buffer, connection: Connection) => void
  /** Called with what the server sends, before it is forwarded. */
  onAnswer: (bytes: Buffer, connection: Connection) => void
  /** Cuts these connections, and every new one like them, until `restore`. */
  cut(which?: (connection: Connection) => boolean): void
  restore(): void
  close(): void
}

/** A TCP proxy on loopback in front of a server, which injects the faults of a network. */
export async function openProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target)
  const connections = new Set<Connection>()
  const delays = new WeakMap<Connection, number>()
  const muted = new WeakSet<Connection>()
  let isCut = (_: Connection) => false

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    const connection = join(client, upstream)
    connections.add(connection)
    if (isCut(connection)) return connection.cut()
    client.once('data', (hello: Buffer) => {
      connection.hello = hello
      if (isCut(connection)) return connection.cut()
      upstream.write(hello)
      client.on('data', (bytes: Buffer) => {
        proxy.onRequest(bytes, connection)
        if (!muted.has(connection)) upstream.write(bytes)
      })
    })
    upstream.on('data', (bytes: Buffer) => {
      proxy.onAnswer(bytes, connection)
      const pass = () => client.destroyed || client.write(bytes)
      const late = delays.get(connection)
      if (late) setTimeout(pass, late)
      else pass()
    })
  })
  const own = await freePort()
  server.listen(own, '127.0.0.1')
  await once(server, 'listening')

  function join(client: Socket, upstream: Socket): Connection {
    const connection: Connection = {
      hello: Buffer.alloc(0),
      delay: (ms) => void delays.set(connection, ms),
      deafen: () => upstream.removeAllListeners('data').resume(),
      mute: () => void muted.add(connection),
      cut() {
        client.destroy()
        upstream.destroy()
      },
    }
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true).on('error', () => {})
      socket.on('close', () => {
        connections.delete(connection)
        connection.cut()
      })
    }
    return connection
  }

  const proxy: TcpProxy = {
    port: own,
    through(url) {
      const changed = new URL(url)
      changed.hostname = '127.0.0.1'
      changed.port = String(own)
      return changed.href
    },
    onRequest: () => {},
    onAnswer: () => {},
    cut(which = () => true) {
      isCut = which
      for (const connection of [...connections].filter(which)) connection.cut()
    },
    restore() {
      isCut = () => false
    },
    close() {
      for (const connection of connections) connection.cut()
      server.close()
    },
  }
  return proxy
}
