import { createHash, timingSafeEqual } from 'node:crypto'
import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import type { Queue } from 'bullmq'
import { type FastifyInstance, fastify } from 'fastify'

/**
 * The queue's jobs in a browser, live; a failed one is retried by a click. Whoever reaches it can read orders and retry
 * them, so on any address but loopback it shows without a password and asks for one before it changes anything.
 */
export async function buildDashboard(
  queue: Queue,
  options: { host: string; password: string | undefined },
): Promise<FastifyInstance> {
  const { host, password } = options
  const loopback = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host)
  const readOnlyMode = !loopback && password === undefined
  const app = fastify({ logger: false, forceCloseConnections: true })

  // A page elsewhere that sends a form here, with the password the browser remembers, is not its user.
  app.addHook('onRequest', async ({ headers }, reply) => {
    if (headers.origin && headers.origin.replace(/^https?:\/\//, '') !== headers.host) {
      return reply.code(403).send({ error: 'The dashboard takes requests from its own page only.' })
    }
  })
  if (loopback)
    app.addHook('onRequest', async (request, reply) => {
      // A page elsewhere that points its own name at 127.0.0.1 (DNS rebinding) is not the user at this machine.
      if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(request.headers.host ?? '')) {
        return reply.code(403).send({ error: 'The dashboard answers on loopback names only; set DASHBOARD_HOST.' })
      }
    })
  if (password !== undefined) {
    app.addHook('onRequest', async (request, reply) => {
      if (request.routeOptions.url === '/healthz') return // probes have no password, and it tells nothing
      if (isPassword(request.headers.authorization, password)) return
      return reply.code(401).header('www-authenticate', 'Basic realm="queue dashboard", charset="UTF-8"').send()
    })
  }
  // The page would fetch fonts from elsewhere: it works without, offline, and tells nobody that it is open.
  app.addHook('onSend', async (_, reply) => {
    reply.header('content-security-policy', "default-src 'self' 'unsafe-inline' data:; frame-ancestors 'none'")
  })
  app.get('/healthz', async () => ({ status: 'ok' }))

  const serverAdapter = new FastifyAdapter()
  createBullBoard({
    queues: [new BullMQAdapter(queue, { readOnlyMode })],
    serverAdapter,
    options: { uiConfig: { boardTitle: readOnlyMode ? 'Orders (read-only)' : 'Orders' } },
  })
  serverAdapter.setBasePath('/')
  await app.register(serverAdapter.registerPlugin(), { prefix: '/' })
  return app
}

/** Compares Basic credentials with the password, any user name, in a time that tells nothing about it. */
function isPassword(header: string | undefined, password: string): boolean {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1] ?? ''
  const given = Buffer.from(encoded, 'base64').toString('utf8').split(':').slice(1).join(':')
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(password))
}
