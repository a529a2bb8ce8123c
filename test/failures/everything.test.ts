import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runningServer } from '../../src/db/embedded/postmaster.ts'
import { send } from '../../support/http.ts'
import { copyData } from '../../support/servers.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { until } from '../../support/until.ts'

const QUOTA = 3

test('everything killed: the next start is whole when it opens, and counts anew', async () => {
  const DATA_DIR = mkdtempSync(join(tmpdir(), 'killed-'))
  await copyData(DATA_DIR)
  const open = () => spawnShop('all', { DATA_DIR, RATE_LIMIT: `${QUOTA}/hour` })
  let shop = await open()
  const statuses = async () => {
    const answers = []
    for (let n = 0; n <= QUOTA; n++) answers.push((await send(`${shop.url}/customers/`)).status)
    return answers
  }
  try {
    assert.deepEqual(await statuses(), [200, 200, 200, 429])
    const postmaster = runningServer(join(DATA_DIR, 'postgres'))?.pid
    await shop.end('SIGKILL')
    process.kill(Number(postmaster), 'SIGKILL')
    shop = await open()
    await until(async () => (await send(`${shop.url}/health/ready`)).json.status === 'ok')
    assert.deepEqual(await statuses(), [200, 200, 200, 429])
    assert.equal(await shop.end('SIGTERM'), 0)
  } finally {
    await shop.end('SIGTERM')
    rmSync(DATA_DIR, { recursive: true })
  }
})
