import { hostname } from 'node:os'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { problemContent } from '../../http/problem.ts'
import type { App } from '../../http/validation.ts'
import type { HealthMonitor } from './health-monitor.ts'

const Health = Type.Object(
  {
    status: Type.Enum(['ok', 'degraded', 'unavailable']),
    checks: Type.Record(
      Type.String(),
      Type.Object({ status: Type.Enum(['ok', 'unavailable']), latency_ms: Type.Number() }),
    ),
  },
  { examples: [{ status: 'ok', checks: { database: { status: 'ok', latency_ms: 0.8 } } }] },
)
const Live = Type.Object({ status: Type.Literal('ok') }, { examples: [{ status: 'ok' }] })
const WhoAmI = Type.Object(
  {
    instance: Type.String({ description: 'Pod or host name' }),
    pid: Type.Integer(),
    version: Type.String(),
    uptime_s: Type.Number(),
  },
  { examples: [{ instance: 'api-7d9f8', pid: 1, version: '0.1.0', uptime_s: 12.5 }] },
)

const config = { probe: true, unlimited: true }
const tags = ['health']

interface Options {
  monitor: HealthMonitor
  version: string
  instanceName: string | undefined
}

export async function healthRoutes(app: App, { monitor, version, instanceName }: Options) {
  const withDown = {
    200: Health,
    503: {
      description: 'A dependency that is needed is down, or the process is shutting down',
      content: { 'application/json': { schema: Health }, ...problemContent },
    },
  }
  const noStore = { 'cache-control': 'no-store' }

  async function examine(_: FastifyRequest, reply: FastifyReply) {
    const health = await monitor.check()
    return reply
      .code(health.status === 'unavailable' ? 503 : 200)
      .headers(noStore)
      .send(health)
  }

  app.get(
    '/health',
    {
      config,
      schema: {
        operationId: 'getHealth',
        tags,
        summary: 'Each dependency and how it does',
        description: '`degraded`: something is down that the shop can do without.',
        response: withDown,
      },
    },
    examine,
  )

  app.get(
    '/health/live',
    {
      config,
      schema: {
        operationId: 'getLiveness',
        tags,
        summary: 'Liveness: the process answers; touches no dependency',
        description: 'For a probe that restarts what does not answer.',
        response: { 200: Live },
      },
    },
    async (_, reply) => reply.headers(noStore).send({ status: 'ok' }),
  )

  app.get(
    '/health/ready',
    {
      config,
      schema: {
        operationId: 'getReadiness',
        tags,
        summary: 'Readiness: 503 without the database or while shutting down',
        description: 'For a probe that sends traffic elsewhere.',
        response: withDown,
      },
    },
    examine,
  )

  app.get(
    '/whoami',
    {
      config: { unlimited: true },
      schema: {
        operationId: 'getInstance',
        tags,
        summary: 'Which instance answers',
        description: 'To watch a load balancer at work.',
        response: { 200: WhoAmI },
      },
    },
    async (_, reply) =>
      reply.headers(noStore).send({
        instance: instanceName ?? hostname(),
        pid: process.pid,
        version,
        uptime_s: Math.round(process.uptime() * 10) / 10,
      }),
  )
}
