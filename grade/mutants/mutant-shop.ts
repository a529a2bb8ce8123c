import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type Role, readConfig } from '../../src/config.ts'
import type { App } from '../../src/http/validation.ts'
import { createLogger } from '../../src/log.ts'
import { startShop } from '../../src/shop.ts'
import { mutants } from './all-mutants.ts'

// node grade/mutants/mutant-shop.ts <mutant> <role>: the shop with one defect. Without such a mutant it has none.
const [name = '', role] = process.argv.slice(2) as [string, Role]
const { env, parts = {}, hook } = mutants[name] ?? {}

// Fastify tells of each server it makes; the API's is the first.
const onServer = (message: unknown) => {
  unsubscribe('fastify.initialization', onServer)
  hook?.((message as { fastify: App }).fastify)
}
if (role === 'api') subscribe('fastify.initialization', onServer)

const config = readConfig({ ...process.env, ...env })
const shop = await startShop({ config, role, log: createLogger(config.LOG_LEVEL), parts })
process.once('SIGTERM', async () => {
  await shop.close()
  process.exit()
})
