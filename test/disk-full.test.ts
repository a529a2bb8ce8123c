import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { send, settled } from './support/http.ts'
import { spawnShop } from './support/shop.ts'
import { until } from './support/until.ts'

/** Runs a command as root, if this user is it or may become it without being asked; tells whether it succeeded. */
function asRoot(...command: string[]): boolean {
  const [program = '', ...args] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command]
  return spawnSync(program, args).status === 0
}

/** A file system of its own, small enough to fill; only root can make one. */
function smallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'small-disk-'))
  return asRoot('mount', '-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', folder) ? folder : undefined
}

const disk = smallDisk()
const noDisk = disk ? undefined : 'no file system to fill: run the tests as root, or as a user who may sudo'
if (noDisk && process.env.CI) throw new Error(`in CI nothing is skipped, and there is ${noDisk}`)

test('a full disk under the embedded database refuses writes, and loses nothing that was acknowledged', {
  skip: noDisk,
  timeout: 120_000,
}, async () => {
  const DATA_DIR = join(String(disk), 'data')
  let shop = await spawnShop('all', { DATA_DIR })
  const name = 'x'.repeat(200)
  const write = (price: number) => send(`${shop.url}/products/`, { body: { name, price, stock: 1 } })
  try {
    let acknowledged = 0
    assert.equal((await write(acknowledged)).status, 201)
    acknowledged += 1
    const customer = (await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })).json
    const order = () => send(`${shop.url}/orders/`, { body: { customer_id: customer.id, total: 1 } })
    // What is left goes to a file, but for a little that the writes will use up.
    const { bavail, bsize } = statfsSync(String(disk))
    writeFileSync(join(String(disk), 'ballast'), Buffer.alloc(bavail * bsize - 128 * 1024))
    let refused = 0
    for (let batch = 0; batch < 500 && refused === 0; batch++) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => write(1).catch(() => undefined))) // or it has ended
      acknowledged += answers.filter((answer) => answer?.status === 201).length
      for (const answer of answers.filter((one) => one?.status !== 201)) {
        refused += 1
        if (answer) assert.deepEqual([answer.status, answer.json.code], [503, 'database_unavailable'])
      }
    }
    assert.ok(refused > 0, `${acknowledged} writes fitted`)
    const orders = (await Promise.all(Array.from({ length: 20 }, () => order().catch(() => undefined)))).filter(Boolean)
    assert.ok(orders.every((answer) => answer?.status === 202 || answer?.status === 503))
    rmSync(join(String(disk), 'ballast'))
    await shop.end('SIGTERM')
    shop = await spawnShop('all', { DATA_DIR })
    const products = (await send(`${shop.url}/products/`)).json.products
    assert.ok(products.length >= acknowledged, `${products.length} of ${acknowledged}`)
    assert.equal((await write(acknowledged)).status, 201)
    for (const answer of orders) {
      if (answer?.status === 202) assert.equal((await settled(shop.url, answer)).status, 'succeeded')
    }
    assert.equal((await settled(shop.url, await order())).status, 'succeeded')
  } finally {
    await shop.end('SIGTERM')
    await until(() => asRoot('umount', String(disk)))
    rmSync(String(disk), { recursive: true })
  }
})
