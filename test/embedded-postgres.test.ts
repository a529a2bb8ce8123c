import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import pg from 'pg'
import { pino } from 'pino'
import { startEmbeddedPostgres } from '../src/db/embedded/embedded-postgres.ts'
import { runningServer } from '../src/db/embedded/postmaster.ts'
import { copyData, silent } from '../support/servers.ts'
import { until } from '../support/until.ts'

const folder = mkdtempSync(join(tmpdir(), 'embedded-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** A data folder of the shop, with `postgres/` in it, that has been initialized and stopped. */
async function dataFolder(name: string): Promise<string> {
  await copyData(join(folder, name))
  return join(folder, name)
}
const lastWords = (home: string) => readFileSync(join(home, 'postgres.log'), 'utf8')

/** Makes the next start recover, as after a crash with much to do, until it is promoted. */
function recovers(home: string): { end(): void } {
  const cluster = join(home, 'postgres')
  writeFileSync(join(cluster, 'standby.signal'), '')
  appendFileSync(join(cluster, 'postgresql.auto.conf'), 'hot_standby = off\n')
  return {
    end() {
      writeFileSync(join(cluster, 'promote'), '')
      process.kill(runningServer(cluster)?.pid ?? 0, 'SIGUSR1')
    },
  }
}

test('a recovery that takes longer than the patience for a start is waited for', async () => {
  const home = await dataFolder('recovers')
  const recovery = recovers(home)
  const patience = 1000
  const started = startEmbeddedPostgres(home, silent, { patience })
  const start = performance.now()
  await until(() => /entering standby mode/.test(lastWords(home)))
  await until(() => performance.now() > start + 2 * patience)
  recovery.end()
  const postgres = await started
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  await client.end()
  await postgres.stop()
})

test('a start that is called off while it waits leaves no server behind', async () => {
  const home = await dataFolder('called-off')
  recovers(home)
  const stop = new AbortController()
  const started = startEmbeddedPostgres(home, silent, { signal: stop.signal })
  await until(() => /entering standby mode/.test(lastWords(home)))
  stop.abort(new Error('called off'))
  await assert.rejects(started, /called off/)
  assert.equal(runningServer(join(home, 'postgres')), undefined)
})

test('a stop while the server is being started again waits for it, and stops it', async () => {
  const home = await dataFolder('revived')
  let lines = ''
  const log = pino({ level: 'error' }, { write: (line: string) => (lines += line) })
  const postgres = await startEmbeddedPostgres(home, log)
  process.kill(runningServer(join(home, 'postgres'))?.pid ?? 0, 'SIGKILL')
  while (!lines.includes('went away')) await new Promise(setImmediate)
  await postgres.stop()
  assert.match(lastWords(home), /database system is shut down/, 'the new one was started and stopped in good order')
  assert.equal(runningServer(join(home, 'postgres')), undefined)
})
