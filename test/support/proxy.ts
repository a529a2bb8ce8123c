import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/**
 * A TCP proxy that can lose answers: from the moment a client's bytes contain `text`, what the server says on that
 * connection is kept back. The request has arrived, and nobody hears of it. Or it loses the request, and all after it.
 */
export async function lossyProxy(target: string): Promise<{
  port: number
  /** Resolves when such a request has come by. */
  loseAnswersTo(text: string): Promise<void>
  /** Resolves when such a request was about to come by. */
  loseRequestsWith(text: string): Promise<void>
  /** Loses no more; a connection that lost an answer stays deaf. */
  heal(): void
  close(): void
}> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let needle: string | undefined
  let loses: 'answers' | 'requests' = 'answers'
  let lost = () => {}

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    let deaf = false
    let mute = false
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (chunk) => {
      if (needle && chunk.includes(needle)) {
        deaf = true
        mute = loses === 'requests'
        lost()
      }
      if (!mute) upstream.write(chunk)
    })
    upstream.on('data', (chunk) => deaf || client.write(chunk))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const lose = (what: typeof loses, text: string) => {
    loses = what
    needle = text
    return new Promise<void>((resolve) => {
      lost = resolve
    })
  }
  return {
    port: (server.address() as AddressInfo).port,
    loseAnswersTo: (text) => lose('answers', text),
    loseRequestsWith: (text) => lose('requests', text),
    heal() {
      needle = undefined
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
