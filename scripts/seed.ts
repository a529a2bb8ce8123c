import { sql } from 'kysely'
import { type Config, readConfig } from '../src/config.ts'
import { isDatabaseAway } from '../src/db/away.ts'
import { connectDatabase, type Db } from '../src/db/database.ts'
import { migrateAll } from '../src/db/migrations.ts'
import { createLogger } from '../src/log.ts'
import { customers, products } from './demo-catalogue.ts'
import { openServer } from './open-server.ts'

// `npm run seed`: a demo catalogue, straight into the database, since over HTTP the default limit of ten requests a
// minute would make it a matter of ten minutes. What is there by name or e-mail is left alone, so it can be run again.
try {
  console.log(await seed(readConfig(process.env)))
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException
  console.error(
    isDatabaseAway(error) ? `The PostgreSQL of DATABASE_URL cannot be reached (${code ?? message})` : message,
  )
  process.exitCode = 1
}

async function seed(config: Config): Promise<string> {
  const log = createLogger('warn')
  const server = await openServer(config, log)
  const db = connectDatabase(server.url, { max: 1, timeout: 30_000, log })
  try {
    await migrateAll(server.url, !config.REDIS_URL, log)
    const added = await db.transaction().execute(fill)
    if (added.product_ids.length === 0) return 'The demo catalogue is there already; nothing was added.'
    const shown = await refreshRunningShop(db, added.product_ids[0] ?? 0, config)
    return `Added ${added.product_ids.length} products and ${added.customers} customers.${shown}`
  } finally {
    await db.destroy()
    await server.stop()
  }
}

/** Adds what is missing, one run at a time. */
async function fill(db: Db): Promise<{ product_ids: number[]; customers: number }> {
  await sql`select pg_advisory_xact_lock(hashtext('seed'))`.execute(db)
  const names = new Set((await db.selectFrom('products').select('name').execute()).map(({ name }) => name))
  const emails = new Set((await db.selectFrom('customers').select('email').execute()).map(({ email }) => email))
  const newProducts = products.filter(({ name }) => !names.has(name))
  const newCustomers = customers.filter(({ email }) => !emails.has(email))
  const rows =
    newProducts.length > 0 ? await db.insertInto('products').values(newProducts).returning('id').execute() : []
  if (newCustomers.length > 0) await db.insertInto('customers').values(newCustomers).execute()
  return { product_ids: rows.map(({ id }) => id), customers: newCustomers.length }
}

/**
 * A running shop may have the old list cached, in Redis or in its own memory, which no other process can empty. A write
 * through it does: one product is changed to the name it has. Only after the shop has shown, by the row's timestamp,
 * that it is on this very database.
 */
async function refreshRunningShop(db: Db, id: number, config: Config): Promise<string> {
  const url = `${process.env.BASE || `http://localhost:${config.PORT}`}/products/${id}`
  const later = ` A shop that runs elsewhere on this database may list them up to ${config.CACHE_TTL} s late.`
  try {
    const row = await db.selectFrom('products').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    const seen = (await (await fetch(url)).json()) as { name?: string; created_at?: string }
    if (seen.name !== row.name || seen.created_at !== row.created_at) return later
    const headers = { 'content-type': 'application/json' }
    const { ok } = await fetch(url, { method: 'PATCH', headers, body: JSON.stringify({ name: row.name }) })
    return ok ? ' The running shop lists them now.' : later
  } catch {
    return later // no shop is running there
  }
}
