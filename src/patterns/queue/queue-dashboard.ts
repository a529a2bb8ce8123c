import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import type { Queue } from 'bullmq'
import { type FastifyInstance, fastify } from 'fastify'
import { bearerToken, sameSecret } from '../../http/same-secret.ts'

/**
 * The queue's jobs in a browser, live; a failed one is retried by a click. Whoever reaches it can read orders and retry
 * them, so on any address but loopback it shows without a secret and asks for one before it changes anything. The
 * secrets are its own password and the shop's admin token: either as a Basic password, the token as a bearer's, too.
 */
export async function buildDashboard(
  queue: Queue,
  options: { host: string; password: string | undefined; adminToken: string | undefined },
): Promise<FastifyInstance> {
  const { host, password, adminToken } = options
  const secrets = [password, adminToken].filter((secret) => secret !== undefined)
  const loopback = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host)
  const readOnlyMode = !loopback && secrets.length === 0
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
  if (secrets.length > 0) {
    app.addHook('onRequest', async (request, reply) => {
      if (request.routeOptions.url === '/healthz') return // probes have no password, and it tells nothing
      const { authorization } = request.headers
      if (secrets.some((secret) => sameSecret(basicPassword(authorization) ?? '', secret))) return
      if (adminToken !== undefined && sameSecret(bearerToken(authorization) ?? '', adminToken)) return
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

/** The password of Basic credentials, with any user name; undefined in any other header. */
function basicPassword(header: string | undefined): string | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1]
  return encoded && Buffer.from(encoded, 'base64').toString('utf8').split(':').slice(1).join(':')
}
