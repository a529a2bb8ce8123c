import Type from 'typebox'
import type { App } from '../../http/validation.ts'
import type { Registry } from './registry.ts'

const Exposition = {
  description: 'The text format of Prometheus, version 0.0.4',
  content: {
    'text/plain': {
      schema: Type.String({ examples: ['shop_queue_jobs{state="waiting"} 3\n'] }),
    },
  },
}

/** `GET /metrics`, for Prometheus; what is counted is in the other files of this folder. */
export async function metricsRoutes(app: App, { registry }: { registry: Registry }) {
  app.get(
    '/metrics',
    {
      config: { probe: true, unlimited: true, admin: true },
      schema: {
        operationId: 'getMetrics',
        tags: ['metrics'],
        summary: 'Counts and times, for Prometheus',
        description: 'What each metric means is in its `# HELP` line.',
        response: { 200: Exposition },
      },
    },
    async (_, reply) =>
      reply
        .type(registry.contentType)
        .header('cache-control', 'no-store')
        .send(await registry.metrics()),
  )
}
