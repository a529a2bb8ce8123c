import type { App } from '../validation.ts'
import { catalogue } from './experiments/catalogue.ts'
import { guardLab } from './guard.ts'
import { pageRoutes } from './page-files.ts'
import { parts } from './parts.ts'
import { Experiments, Parts } from './protocol.ts'
import { sourceRoutes } from './sources.ts'

// Not counted by the rate limit: whoever may come here sits at the machine, and the page asks more often than a shopper.
const config = { unlimited: true }
const tags = ['lab']

/** The lab's page and its API, for the user of this machine alone. */
export async function labRoutes(app: App): Promise<void> {
  app.addHook('onRequest', guardLab)
  await app.register(pageRoutes)
  const sources = [
    ...parts.flatMap((part) => part.sources),
    ...catalogue.flatMap((experiment) => experiment.variants.map((variant) => variant.source)),
  ]
  await app.register(sourceRoutes, { allowed: new Set(sources) })

  app.get(
    '/lab/parts',
    { config, schema: { tags, summary: 'The parts of the shop, and their source files', response: { 200: Parts } } },
    async () => parts,
  )

  app.get(
    '/lab/experiments',
    { config, schema: { tags, summary: 'The experiments and their settings', response: { 200: Experiments } } },
    async () => catalogue,
  )
}
