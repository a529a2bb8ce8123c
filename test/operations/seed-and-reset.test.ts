import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { send } from '../../support/http.ts'
import { copyData, startPostgres } from '../../support/servers.ts'
import { type ShopProcess, spawnShop } from '../../support/shop-process.ts'

type Env = Record<string, string>

const run = (script: 'seed' | 'reset', env: Env, ...args: string[]) => {
  const file = join(import.meta.dirname, `../../scripts/${script}.ts`)
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    encoding: 'utf8',
  })
  return { status, output: (stdout + stderr).trim() }
}

describe('npm run seed and npm run reset', () => {
  let DATA_DIR: string
  let shop: ShopProcess | undefined

  before(async () => {
    DATA_DIR = mkdtempSync(join(tmpdir(), 'seed-'))
    await copyData(DATA_DIR)
  })
  after(async () => {
    await shop?.end('SIGTERM')
    rmSync(DATA_DIR, { recursive: true, force: true })
  })

  test('seed fills a running shop, whose cached list shows it at once; a second run adds nothing', async () => {
    shop = await spawnShop('all', { DATA_DIR })
    const env = { DATA_DIR, BASE: shop.url }
    const list = async () => (await send(`${shop?.url}/products/`)).json
    await list()
    assert.equal((await list()).from_cache, true)

    assert.deepEqual(run('seed', env), {
      status: 0,
      output: 'Added 100 products and 10 customers. The running shop lists them now.',
    })
    assert.equal((await list()).products.length, 100)
    assert.equal((await send(`${shop.url}/customers/`)).json.length, 10)
    assert.match(run('seed', env).output, /nothing was added/)
    assert.equal((await list()).products.length, 100)
  })

  test('reset refuses the data of a running shop, and whatever DATABASE_URL names', async () => {
    const refused = run('reset', { DATA_DIR }, '--yes')
    assert.equal(refused.status, 1)
    assert.match(refused.output, /in use by another instance/)
    const elsewhere = run('reset', { DATA_DIR, DATABASE_URL: 'postgres://127.0.0.1/shop' }, '--yes')
    assert.equal(elsewhere.status, 1)
    assert.match(elsewhere.output, /DATABASE_URL is set/)
    assert.equal((await send(`${shop?.url}/products/`)).json.products.length, 100)
  })

  test('reset without a terminal to ask on and without --yes removes nothing', async () => {
    await shop?.end('SIGTERM')
    const refused = run('reset', { DATA_DIR })
    assert.equal(refused.status, 1)
    assert.match(refused.output, /--yes/)
    assert.ok(existsSync(join(DATA_DIR, 'postgres')))
  })

  test('reset --yes empties the data, also those a killed shop left its server on; then there is nothing to empty', async () => {
    shop = await spawnShop('all', { DATA_DIR })
    await shop.end('SIGKILL')
    const emptied = run('reset', { DATA_DIR }, '--yes')
    assert.equal(emptied.status, 0, emptied.output)
    assert.ok(!existsSync(join(DATA_DIR, 'postgres')))
    assert.match(run('reset', { DATA_DIR }, '--yes').output, /nothing to empty/)
  })

  test('seed fills the PostgreSQL of DATABASE_URL, empty or not', async () => {
    const postgres = await startPostgres()
    try {
      const env = { DATABASE_URL: postgres.url, BASE: 'http://127.0.0.1:1' }
      assert.match(run('seed', env).output, /^Added 100 products and 10 customers\. A shop that runs elsewhere/)
      assert.match(run('seed', env).output, /nothing was added/)
    } finally {
      await postgres.stop()
    }
  })
})
