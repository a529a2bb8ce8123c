import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { readConfig } from '../src/config.ts'
import { startShop } from '../src/shop.ts'
import { send } from '../support/http.ts'
import { silent, startPostgres } from '../support/servers.ts'
import { until } from '../support/until.ts'

test('a shop that was rolled back runs on the schema of the newer one', async () => {
  const postgres = await startPostgres()
  const env = { DATABASE_URL: postgres.url, PORT: '0', DASHBOARD_PORT: '0' }
  const open = (role: 'migrate' | 'all') => startShop({ config: readConfig(env), role, log: silent })
  try {
    await (await open('migrate')).close()
    const newer = new pg.Client({ connectionString: postgres.url })
    await newer.connect()
    await newer.query(
      "insert into kysely_migration values ('9999_later.sql', now()); alter table products add weight int",
    )
    await (await open('migrate')).close()
    const shop = await open('all')
    await until(async () => (await send(`${shop.urls.api}/health/ready`)).status === 200)
    const added = await send(`${shop.urls.api}/products/`, { body: { name: 'Lamp', price: 1, stock: 1 } })
    assert.equal(added.status, 201)
    await shop.close()
    const { rows } = await newer.query('select name from kysely_migration order by name')
    assert.equal(rows.at(-1).name, '9999_later.sql')
    await newer.end()
  } finally {
    await postgres.stop()
  }
})
