import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { type Answer, send } from '../support/http.ts'
import { ownPort } from '../support/own-port.ts'
import { copyData, startPostgres } from '../support/servers.ts'
import { spawnShop } from '../support/shop-process.ts'
import { PATIENCE_MS, until } from '../support/until.ts'
import { insist, settled } from './support/order-client.ts'

const main = join(import.meta.dirname, '../src/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'shop-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** A data folder that has been initialized. */
async function dataDir(name: string): Promise<string> {
  const path = join(folder, name)
  await copyData(path)
  return path
}

/** Runs a start that is to fail. */
async function failedStart(env: Record<string, string>, role = 'all') {
  const child = spawn(process.execPath, [main, role], {
    env: { PATH: process.env.PATH ?? '', PORT: '0', DASHBOARD_PORT: '0', ...env },
    timeout: PATIENCE_MS,
  })
  let stderr = ''
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const [code] = (await once(child, 'exit')) as [number]
  return { code, stderr: stderr.trim() }
}

const postmaster = (dataDir: string) =>
  Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0])
const isAlive = (pid: number) =>
  spawnSync('ps', ['-o', 'stat=', '-p', `${pid}`], { encoding: 'utf8' }).stdout.match(/^[^Z]/) !== null

describe('the shop on its embedded database', () => {
  test('after kill -9 of everything, the next start has all that was acknowledged', async () => {
    const DATA_DIR = await dataDir('killed')
    // A worker that does nothing keeps accepted orders waiting: the queue is what has to survive.
    let shop = await spawnShop('all', { DATA_DIR, WORKER_CONCURRENCY: '1' })
    const product = (await send(`${shop.url}/products/`, { body: { name: 'Lamp', price: 2.5, stock: 1000 } })).json
    const customer = (await send(`${shop.url}/customers/`, { body: { name: 'Ana', email: 'ana@example.com' } })).json
    const order = (url: string) =>
      insist(url, { customer_id: customer.id, items: [{ product_id: product.id, quantity: 1 }] })
    const accepted: Answer[] = []
    for (let round = 0; round < 2; round++) {
      accepted.push(...(await Promise.all(Array.from({ length: 100 }, () => order(shop.url)))))
      const database = postmaster(DATA_DIR)
      // Once the shop alone, whose database is then adopted; once with the database.
      await shop.end('SIGKILL')
      if (round > 0) process.kill(database, 'SIGKILL')
      shop = await spawnShop('all', { DATA_DIR, WORKER_CONCURRENCY: '1' })
    }
    assert.ok(accepted.every(({ status }) => status === 202))
    for (const answer of accepted) {
      const job = await settled(shop.url, answer)
      assert.equal(job.status, 'succeeded')
    }
    const now = (await send(`${shop.url}/products/${product.id}`)).json
    assert.equal(now.stock, 1000 - accepted.length)
    assert.deepEqual((await send(`${shop.url}/customers/`)).json, [customer])
    const pid = postmaster(DATA_DIR)
    assert.equal(await shop.end('SIGINT'), 0)
    assert.ok(!isAlive(pid), 'the database went with it')
  })

  test('a database that dies under the shop is started again', async () => {
    const DATA_DIR = await dataDir('revived')
    const shop = await spawnShop('all', { DATA_DIR })
    const product = await send(`${shop.url}/products/`, { body: { name: 'Lamp', price: 1, stock: 1 } })
    const first = postmaster(DATA_DIR)
    process.kill(first, 'SIGKILL')
    // Not by readiness, which may be a second old.
    const again = await until(async () => {
      const answer = await send(shop.url + product.headers.get('location'))
      return answer.status === 200 && postmaster(DATA_DIR) !== first && answer
    })
    assert.deepEqual(again.json, product.json)
    assert.equal(await shop.end('SIGTERM'), 0)
  })

  test('a folder in use, a port taken, a folder that cannot be written: one line, exit 1, nothing damaged', async () => {
    const DATA_DIR = await dataDir('used')
    const shop = await spawnShop('all', { DATA_DIR })
    try {
      const second = await failedStart({ DATA_DIR })
      assert.equal(second.code, 1)
      assert.match(second.stderr, /^\S+used is in use by another instance of the shop: stop that one, or set DATA_DIR/)
      assert.equal(second.stderr.split('\n').length, 1)
      await until(async () => (await send(`${shop.url}/health/ready`)).status === 200)

      const { port } = new URL(shop.url)
      const taken = await failedStart({ DATA_DIR: await dataDir('other'), PORT: port })
      assert.deepEqual(
        [taken.code, taken.stderr],
        [1, `Port ${port} is taken: stop what listens there, or set PORT, DASHBOARD_PORT or METRICS_PORT to another`],
      )
      const dashboard = createServer().listen(0, '127.0.0.1')
      await once(dashboard, 'listening')
      const address = dashboard.address() as { port: number }
      assert.match(
        (await failedStart({ DATA_DIR: join(folder, 'other'), DASHBOARD_PORT: `${address.port}` })).stderr,
        /^Port \d+ is taken/,
      )
      dashboard.close()
    } finally {
      assert.equal(await shop.end('SIGINT'), 0)
    }
    assert.ok(!isAlive(postmasterOrZero(join(folder, 'other'))), 'a failed start leaves no database running')

    const file = join(folder, 'file')
    writeFileSync(file, '')
    const blocked = await failedStart({ DATA_DIR: join(file, 'data') })
    assert.equal(blocked.code, 1)
    assert.match(
      blocked.stderr,
      /cannot be written \(ENOTDIR\): give this user the folder, or set DATA_DIR to another$/,
    )
  })

  test('one Ctrl-C that arrives twice, from the terminal and from npm, still closes cleanly', async () => {
    const DATA_DIR = await dataDir('twice')
    const shop = await spawnShop('all', { DATA_DIR })
    const pid = postmaster(DATA_DIR)
    const ended = shop.end('SIGINT')
    shop.child.kill('SIGINT')
    assert.equal(await ended, 0)
    assert.ok(!isAlive(pid), 'the database went with it')
  })

  test('an initialization that was killed half way is begun anew', async () => {
    const DATA_DIR = join(folder, 'half')
    mkdirSync(join(DATA_DIR, 'postgres.init-1'), { recursive: true })
    writeFileSync(join(DATA_DIR, 'postgres.init-1/PG_VERSION'), '18')
    const shop = await spawnShop('all', { DATA_DIR })
    await until(async () => (await send(`${shop.url}/health/ready`)).status === 200)
    assert.equal(await shop.end('SIGINT'), 0)
  })

  test('an ordinary user runs it too', {
    skip: process.getuid?.() !== 0 && 'only root can become another user here',
  }, async () => {
    const DATA_DIR = mkdtempSync(join(tmpdir(), 'nobody-'))
    const nobody = 65534
    spawnSync('chown', [`${nobody}`, DATA_DIR])
    chmodSync(DATA_DIR, 0o700)
    const identity = { uid: nobody, gid: nobody }
    const copy = mkdtempSync(join(tmpdir(), 'copy-'))
    const isReachable = spawnSync(process.execPath, [main, '?'], identity).stderr?.includes('there is no role')
    const [node, script] = isReachable ? [process.execPath, main] : copyProject(copy)
    const [PORT, DASHBOARD_PORT] = [`${await ownPort()}`, `${await ownPort()}`]
    const child = spawn(node, [script], {
      ...identity,
      env: { PATH: process.env.PATH ?? '', DATA_DIR, PORT, DASHBOARD_PORT },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const exited = once(child, 'exit')
    try {
      await until(() => output.includes('the shop is open') || child.exitCode !== null)
      await until(async () => (await send(`http://127.0.0.1:${PORT}/health/ready`)).status === 200)
    } finally {
      child.kill('SIGINT')
      await exited
      for (const used of [DATA_DIR, copy]) rmSync(used, { recursive: true })
    }
    assert.equal(child.exitCode, 0)
  })
})

/**
 * Copies Node, the shop and what it depends on to where everybody can read them, as the home folder of root, where the
 * checkout may be, is not. Returns the paths of Node and of the script.
 */
function copyProject(to: string): [string, string] {
  const root = join(import.meta.dirname, '..')
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>
  }
  const installed = Object.keys(packages).filter((path) => path && !packages[path]?.dev && existsSync(join(root, path)))
  for (const path of ['package.json', 'src', ...installed])
    cpSync(join(root, path), join(to, path), { recursive: true })
  copyFileSync(process.execPath, join(to, 'node'))
  spawnSync('chmod', ['-R', 'a+rX', to])
  return [join(to, 'node'), join(to, 'src/main.ts')]
}

const postmasterOrZero = (dataDir: string) => {
  try {
    return postmaster(dataDir)
  } catch {
    return 0
  }
}

describe('configuration', () => {
  test('a wrong value stops the start with its name, what was expected and what came', async () => {
    const { code, stderr } = await failedStart({
      PORT: 'eighty',
      RATE_LIMIT: '10 per minute',
      TRUST_PROXY: '10.0.0.0/33',
      DATABASE_URL: 'mysql://u:secret@h/d',
    })
    assert.equal(code, 1)
    assert.match(stderr, /^PORT: expected a whole number from 0 to 65535 .*, got "eighty"$/m)
    assert.match(stderr, /^RATE_LIMIT: expected .*, got "10 per minute"$/m)
    assert.match(stderr, /^DATABASE_URL: expected /m)
    assert.match(stderr, /^TRUST_PROXY: expected .*, got "10.0.0.0\/33"$/m)
    assert.ok(!stderr.includes('secret'))
    assert.match(
      (await failedStart({}, 'cook')).stderr,
      /^there is no role cook: expected one of all, api, worker, dashboard, migrate$/,
    )
  })

  test('a DATABASE_URL that nothing answers, or that refuses, is one line without the password', async () => {
    const port = await ownPort()
    const gone = await failedStart({ DATABASE_URL: `postgres://u:secret@127.0.0.1:${port}/shop` })
    assert.deepEqual(
      [gone.code, gone.stderr],
      [1, 'The PostgreSQL of DATABASE_URL cannot be reached (ECONNREFUSED): start it, or correct DATABASE_URL'],
    )
    const postgres = await startPostgres()
    try {
      const wrong = await failedStart({ DATABASE_URL: postgres.url.replace(/:[^:@]+@/, ':secret@') })
      assert.equal(wrong.code, 1)
      assert.match(wrong.stderr, /^The PostgreSQL of DATABASE_URL refuses: .*\. Correct DATABASE_URL$/)
      assert.ok(!wrong.stderr.includes('secret'))
    } finally {
      await postgres.stop()
    }
  })
})
