import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { etagOf, names } from '../src/http/etag.ts'
import type { App } from '../src/http/validation.ts'

const folder = new URL('./page/', import.meta.url)

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Everything from this server, nothing inline. `blob:` and `data:` are for the pictures that the page exports. */
const policy =
  "default-src 'self'; img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const config = { unlimited: true }
const schema = { hide: true }

/**
 * The page and its files. Each file of `page/` gets a route at start, so no path can climb out of the folder. A file is
 * read on each request, so a change to the page needs no restart.
 */
export async function pageRoutes(app: App): Promise<void> {
  app.get('/lab', { config, schema }, (request, reply) => sendFile('index.html', request, reply))
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = name.replaceAll('\\', '/')
    if (!types[extname(path)] || path === 'index.html') continue
    app.get(`/lab/assets/${path}`, { config, schema }, (request, reply) => sendFile(path, request, reply))
  }
}

async function sendFile(path: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const text = await readFile(new URL(path, folder), 'utf8')
  const etag = etagOf(text)
  reply.headers({
    etag,
    'cache-control': 'no-cache',
    'content-security-policy': policy,
    'referrer-policy': 'no-referrer',
  })
  if (names(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.type(types[extname(path)] ?? '').send(text)
}
