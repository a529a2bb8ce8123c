import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Config, type Role, readConfig } from '../src/config.ts'
import type { App } from '../src/http/validation.ts'
import { createLogger, type Logger } from '../src/log.ts'
import { type ReplaceableParts, replaceableParts } from '../src/replaceable-parts.ts'
import { startShop } from '../src/shop.ts'

// node support/modified-shop.ts <role> [module…]: the shop with what each module's default export, a `Modification`, puts in
// the place of the shop's own. Paths are from the root; a query, `module.ts?name=value`, is for the module to read.
// SIGTERM closes the shop. Forked, it tells its URL to its parent and ends when its parent ends.

/** Its only message to the parent. */
export type ShopMessage = { url: string } | { error: string }

export interface Modification {
  env?: Record<string, string>
  /** Parts in the place of the shop's, or a function of those that the modules before have left. */
  parts?: Partial<ReplaceableParts> | ((parts: ReplaceableParts, setting: Setting) => Partial<ReplaceableParts>)
  /** Is given the API's server before anything else is. */
  hook?: (app: App) => void
}

interface Setting {
  config: Config
  role: Role
  log: Logger
}

process.title = 'modified shop'
if (process.connected) {
  process.on('disconnect', () => process.exit(1))
  process.on('SIGINT', () => {}) // the parent handles Ctrl-C
}
const [role, ...modules] = process.argv.slice(2) as [Role, ...string[]]
try {
  const modifications = await Promise.all(modules.map(load))
  const config = readConfig(Object.assign({}, process.env, ...modifications.map(({ env }) => env)))
  const log = createLogger(config.LOG_LEVEL)
  if (role === 'api') onFirstServer((app) => modifications.forEach(({ hook }) => void hook?.(app)))
  const shop = await startShop({ config, role, log, parts: replaced(modifications, { config, role, log }) })
  process.once('SIGTERM', () => void shop.close().finally(() => process.exit()))
  tell({ url: shop.urls.api ?? shop.urls.health ?? '' })
} catch (error) {
  if (!process.connected) throw error
  tell({ error: error instanceof Error ? error.message : String(error) })
  process.exit(1)
}

async function load(module: string): Promise<Modification> {
  const [path = '', query = ''] = module.split('?')
  const url = pathToFileURL(join(import.meta.dirname, '..', path))
  url.search = query
  return (await import(url.href)).default
}

function replaced(modifications: readonly Modification[], setting: Setting): ReplaceableParts {
  const all = { ...replaceableParts }
  for (const { parts } of modifications) Object.assign(all, typeof parts === 'function' ? parts(all, setting) : parts)
  return all
}

/** Fastify announces each server that it makes; the API's is the first. */
function onFirstServer(work: (app: App) => void): void {
  const listener = (message: unknown) => {
    unsubscribe('fastify.initialization', listener)
    work((message as { fastify: App }).fastify)
  }
  subscribe('fastify.initialization', listener)
}

function tell(message: ShopMessage): void {
  process.send?.(message)
}
