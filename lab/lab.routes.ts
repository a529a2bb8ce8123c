import type { App } from '../src/http/validation.ts'
import { catalogue } from './experiments/catalogue.ts'
import { documentGuard, guardLab } from './guard.ts'
import { eventStreams } from './lab-streams.ts'
import type { LiveFeed } from './live/feed.ts'
import { pageRoutes } from './page-files.ts'
import { parts } from './parts.ts'
import { Experiments } from './protocol/experiment-schema.ts'
import { Parts } from './protocol/part-schema.ts'
import type { LabRuns } from './runs/lab-runs.ts'
import { runRoutes } from './runs/runs.routes.ts'
import { sourceRoutes } from './sources.ts'

// Not counted by the rate limit: whoever may come here sits at the machine, and the page asks more often than a shopper.
const config = { unlimited: true }
const tags = ['lab']

/** Pages that may watch at once; more than one person opens. */
const MAX_STREAMS = 16
/** Beyond what a stream takes, so that none is cut: it ends with its reader or the shop. */
const STREAM_MS = 24 * 60 * 60_000

interface Options {
  feed: LiveFeed
  runs: LabRuns
  /** Ends streams on shutdown. */
  closing: AbortSignal
}

/** The lab's page and its API, for the user of this machine alone. */
export async function labRoutes(app: App, { feed, runs, closing }: Options): Promise<void> {
  app.addHook('onRequest', guardLab)
  app.addHook('onRoute', documentGuard)
  const stream = eventStreams(MAX_STREAMS, closing)
  await app.register(pageRoutes)
  const sources = [
    ...parts.flatMap((part) => part.sources),
    ...catalogue.flatMap((experiment) => experiment.variants.map((variant) => variant.source)),
  ]
  await app.register(runRoutes, { runs, stream, streamMs: STREAM_MS })
  await app.register(sourceRoutes, { allowed: new Set(sources) })

  app.get(
    '/lab/parts',
    {
      config,
      schema: {
        operationId: 'listParts',
        tags,
        summary: 'The parts of the shop, and their source files',
        description: 'What the page draws.',
        response: { 200: Parts },
      },
    },
    async () => parts,
  )

  app.get(
    '/lab/experiments',
    {
      config,
      schema: {
        operationId: 'listExperiments',
        tags,
        summary: 'The experiments and their settings',
        description: 'Their variants, and what can be set.',
        response: { 200: Experiments },
      },
    },
    async () => catalogue,
  )

  app.get('/lab/live', { config: { ...config, waitMs: STREAM_MS }, schema: { hide: true } }, (_, reply) =>
    stream(reply, ({ send }) => feed.watch(send)),
  )
}
