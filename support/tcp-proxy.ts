import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** One connection through the proxy, as a fault sees it. */
export interface Connection {
  /** The first bytes of the client; for PostgreSQL they contain the application's name. */
  hello: Buffer
  isOpen: boolean
  /** Delays each further answer by `ms` milliseconds. */
  delay(ms: number): void
  /** Drops all further answers: requests arrive, but their clients hear nothing. */
  deafen(): void
  /** Keeps all further answers back until the server closes the connection, and sends them then. */
  hold(): void
  /** Drops what the client has just sent and all that it sends from now on. */
  mute(): void
  /** Closes both sides. */
  cut(): void
}

export interface TcpProxy {
  port: number
  /** The same URL, through the proxy. */
  through(url: string): string
  /** Called when a client has sent its first bytes, before they are forwarded. */
  onHello: (connection: Connection) => void
  /** Called with what a client sends, except its first bytes, before it is forwarded. */
  onRequest: (bytes: Buffer, connection: Connection) => void
  /** Called with what the server sends, before it is forwarded. */
  onAnswer: (bytes: Buffer, connection: Connection) => void
  /**
   * Drops, on the connection of each request that contains `text`, all further answers: it arrives, and its client hears
   * nothing. Resolves when the first one has come.
   */
  loseAnswersTo(text: string): Promise<void>
  /** As `loseAnswersTo`, and the request is lost, too, with all that follows it. */
  loseRequestsWith(text: string): Promise<void>
  /** Cuts these connections, and every new one like them, until `restore`. */
  cut(which?: (connection: Connection) => boolean): void
  /** Cuts and loses no more. A connection that has lost something stays as it is. */
  restore(): void
  close(): void
}

/** Opens a TCP proxy on loopback in front of a server, which injects the faults of a network. */
export async function openProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target)
  const connections = new Set<Connection>()
  let isCut = (_: Connection) => false
  const server = createServer((client) => {
    const connection = relay(client, connect(Number(port), hostname), proxy, (one) => isCut(one))
    connections.add(connection)
    client.once('close', () => connections.delete(connection))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const own = (server.address() as AddressInfo).port

  const lose = (text: string, fault: (connection: Connection) => void) =>
    new Promise<void>((lost) => {
      proxy.onRequest = (bytes, connection) => {
        if (!bytes.includes(text)) return
        fault(connection)
        lost()
      }
    })

  const proxy: TcpProxy = {
    port: own,
    through: (url) => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(own) }).href,
    onHello: () => {},
    onRequest: () => {},
    onAnswer: () => {},
    loseAnswersTo: (text) => lose(text, (connection) => connection.deafen()),
    loseRequestsWith: (text) =>
      lose(text, (connection) => {
        connection.deafen()
        connection.mute()
      }),
    cut(which = () => true) {
      isCut = which
      for (const connection of [...connections].filter(which)) connection.cut()
    },
    restore() {
      isCut = () => false
      proxy.onRequest = () => {}
    },
    close() {
      for (const connection of connections) connection.cut()
      server.close()
    },
  }
  return proxy
}

/** Joins a client to its server, and does to their bytes what the connection is told. */
function relay(
  client: Socket,
  upstream: Socket,
  proxy: Pick<TcpProxy, 'onHello' | 'onRequest' | 'onAnswer'>,
  isCut: (connection: Connection) => boolean,
): Connection {
  const faults: Faults = { isDeaf: false, isMute: false, delayMs: 0 }
  const connection = faulty(faults, client, upstream)
  for (const socket of [client, upstream]) socket.setNoDelay(true).on('error', () => {})
  client.on('close', () => {
    connection.isOpen = false
    upstream.destroy()
  })
  upstream.on('close', () => (faults.held ? client.end(Buffer.concat(faults.held)) : client.destroy()))
  if (isCut(connection)) connection.cut()

  client.once('data', (hello: Buffer) => {
    connection.hello = hello
    if (isCut(connection)) return connection.cut()
    proxy.onHello(connection)
    if (!faults.isMute) upstream.write(hello)
    client.on('data', (bytes: Buffer) => {
      proxy.onRequest(bytes, connection)
      if (!faults.isMute) upstream.write(bytes)
    })
  })
  upstream.on('data', (bytes: Buffer) => {
    proxy.onAnswer(bytes, connection)
    const pass = () => client.destroyed || client.write(bytes)
    if (faults.isDeaf) return
    if (faults.held) faults.held.push(bytes)
    else if (faults.delayMs > 0) setTimeout(pass, faults.delayMs)
    else pass()
  })
  return connection
}

interface Faults {
  isDeaf: boolean
  isMute: boolean
  delayMs: number
  held?: Buffer[]
}

function faulty(faults: Faults, client: Socket, upstream: Socket): Connection {
  return {
    hello: Buffer.alloc(0),
    isOpen: true,
    delay(ms) {
      faults.delayMs = ms
    },
    deafen() {
      faults.isDeaf = true
    },
    hold() {
      faults.held ??= []
    },
    mute() {
      faults.isMute = true
    },
    cut() {
      client.destroy()
      upstream.destroy()
    },
  }
}
