import { createServer } from 'node:net'

/**
 * A free port of loopback, above 10080, which fetch refuses, and below the range of outgoing connections, where a client
 * that polls could connect to itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 11_000 + Math.floor(Math.random() * 20_000)
    const free = await new Promise<boolean>((settle) => {
      const server = createServer().once('error', () => settle(false))
      server.listen(port, '127.0.0.1', () => server.close(() => settle(true)))
    })
    if (free) return port
  }
}
