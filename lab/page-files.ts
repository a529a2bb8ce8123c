import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { etagOf, matchesEtag } from '../src/http/etag.ts'
import type { App } from '../src/http/validation.ts'

const folder = new URL('./page/', import.meta.url)

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The modules of the page's import map, served from node_modules, so that the page works offline and without a build. */
const modules = ['htm', 'htm/preact', 'preact', 'preact/hooks']

/** An import map has to be inline; the policy admits it by its hash. */
const importMap = /<script type="importmap">(.*?)<\/script>/s.exec(readFileSync(new URL('index.html', folder), 'utf8'))
const hash = createHash('sha256')
  .update(importMap?.[1] ?? '')
  .digest('base64')

/** Everything from this server, no other inline code or style. `blob:` and `data:` are for the pictures that the page exports. */
const policy = `default-src 'self'; script-src 'self' 'sha256-${hash}'; img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

const config = { unlimited: true }
const schema = { hide: true }

/**
 * The page and its files. Each file of `page/` gets a route at start, so no path can climb out of the folder. A file is
 * read on each request, so a change to the page needs no restart, except to its import map.
 */
export async function pageRoutes(app: App): Promise<void> {
  const serve = (path: string, file: URL) =>
    app.get(path, { config, schema }, (request, reply) => sendFile(file, request, reply))
  serve('/lab', new URL('index.html', folder))
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = name.replaceAll('\\', '/')
    if (types[extname(path)] && path !== 'index.html') serve(`/lab/assets/${path}`, new URL(path, folder))
  }
  for (const name of modules) serve(`/lab/modules/${name}`, new URL(import.meta.resolve(name)))
}

async function sendFile(file: URL, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const text = await readFile(file, 'utf8')
  const etag = etagOf(text)
  reply.headers({
    etag,
    'cache-control': 'no-cache',
    'content-security-policy': policy,
    'referrer-policy': 'no-referrer',
  })
  if (matchesEtag(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.type(types[extname(file.pathname)] ?? '').send(text)
}
