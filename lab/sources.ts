import { readFile } from 'node:fs/promises'
import { notFound } from '../src/http/errors.ts'
import type { App } from '../src/http/validation.ts'

const root = new URL('../', import.meta.url)

/** `GET /lab/source/<path>`: the text of the source files that the page links to, and of no other file. */
export async function sourceRoutes(app: App, { allowed }: { allowed: ReadonlySet<string> }): Promise<void> {
  app.get('/lab/source/*', { config: { unlimited: true }, schema: { hide: true } }, async (request, reply) => {
    const path = (request.params as { '*': string })['*']
    if (!allowed.has(path)) throw notFound('source', path)
    return reply
      .headers({ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' })
      .send((await readFile(new URL(path, root), 'utf8')) as never)
  })
}
