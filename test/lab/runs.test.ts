import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { pino } from 'pino'
import type { Experiment } from '../../lab/protocol/experiment-schema.ts'
import type { Run, RunEvents, RunSummary } from '../../lab/protocol/run-schema.ts'
import { labRuns } from '../../lab/runs/lab-runs.ts'
import { send } from '../../support/http.ts'
import { startPostgres } from '../../support/servers.ts'
import { spawnShop } from '../../support/shop-process.ts'
import { until } from '../../support/until.ts'
import { listen } from '../support/events.ts'
import { spawnLab } from '../support/lab.ts'
import { descendants, isAlive } from '../support/processes.ts'
import { openShop } from '../support/shop.ts'

const folder = mkdtempSync(join(tmpdir(), 'lab-test-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let folders = 0
const newFolder = () => mkdtempSync(join(folder, `${folders++}-`))

/** The smallest run of the quickest experiment. */
const quick = { experiment: 'oversell', settings: { buyers: 20, stock: 5 } }

describe('npm run lab', () => {
  for (const [how, signal, code] of [
    ['is stopped', 'SIGINT', 130],
    ['is told to end', 'SIGTERM', 130],
  ] as const) {
    test(`that ${how} leaves no process and no folder behind`, async () => {
      const temporary = newFolder()
      const run = spawnLab(['--experiment', 'oversell'], temporary)
      // The keeper with PostgreSQL, and an API and a worker.
      const processes = await until(() => {
        const found = descendants(run.child)
        return found.filter(({ command }) => command.includes('modified-shop')).length === 2 && found
      })
      assert.ok(processes.some(({ command }) => command.includes('bin/postgres')))
      run.child.kill(signal)
      assert.equal((await run.ended)[0], code)
      await until(() => processes.every(({ pid }) => !isAlive(pid)))
      await until(() => readdirSync(temporary).length === 0)
    })
  }

  test('sweeps away what a sandbox left whose keeper was itself killed', async () => {
    const temporary = newFolder()
    const run = spawnLab(['--experiment', 'oversell'], temporary)
    const processes = await until(() => {
      const found = descendants(run.child)
      // Both are there only when PostgreSQL serves: before, its files are still being made.
      return found.filter(({ command }) => command.includes('modified-shop')).length === 2 && found
    })
    const keeper = processes.find(({ command }) => command.includes('keeper.ts'))
    process.kill(keeper?.pid ?? 0, 'SIGKILL')
    await run.ended // it needs its keeper no more
    assert.equal(readdirSync(temporary).length, 1)
    const next = spawnLab(['--experiment', 'oversell', '--set', 'buyers=20'], temporary)
    assert.equal((await next.ended)[0], 0)
    assert.deepEqual(readdirSync(temporary), [])
    await until(() => processes.every(({ pid }) => !isAlive(pid)))
  })
})

describe('runs over HTTP', () => {
  test('a run is started, followed, kept through a restart, and forgotten; meanwhile there is no other', async () => {
    const DATA_DIR = newFolder()
    const first = await openShop({ env: { LAB: 'on', DATA_DIR } })
    let run_id: string
    try {
      const started = await send(`${first.url}/lab/runs`, { body: quick })
      assert.equal(started.status, 202)
      run_id = started.json.run_id
      const url = `${first.url}${started.headers.get('location')}`
      const other = await send(`${first.url}/lab/runs`, { body: quick })
      assert.deepEqual([other.status, other.json.code], [409, 'run_in_progress'])
      assert.equal((await send(url)).json.state, 'running')

      const feed = await listen(`${url}/events`)
      await until(() => feed.events.some(({ name }) => name === 'point'))
      const late = await listen(`${url}/events`)
      await Promise.all([feed.ended, late.ended])
      const run = outcomeOf(feed)
      assert.equal(run.state, 'done', run.error ?? '')
      assert.equal(run.verdict?.holds, true)
      const names = new Set(feed.events.map(({ name }) => name))
      assert.deepEqual([...names].sort(), ['done', 'event', 'point', 'progress', 'variant'])
      const points = (events: typeof feed.events) => events.filter(({ name }) => name === 'point').length
      assert.equal(points(late.events), points(feed.events), 'who comes later gets what came before')
    } finally {
      await first.close()
    }
    writeFileSync(join(DATA_DIR, 'lab', 'broken.json'), '{')
    const second = await openShop({ env: { LAB: 'on', DATA_DIR } })
    try {
      const { json: kept } = await send(`${second.url}/lab/runs`)
      assert.deepEqual(
        (kept as RunSummary[]).map((run) => [run.run_id, run.state]),
        [[run_id, 'done']],
      )
      assert.equal((await send(`${second.url}/lab/runs/${run_id}`)).json.variants.length, 2)
      assert.equal((await send(`${second.url}/lab/runs/${run_id}`, { method: 'DELETE' })).status, 204)
      for (const method of ['GET', 'DELETE'])
        assert.equal((await send(`${second.url}/lab/runs/${run_id}`, { method })).status, 404)
      assert.deepEqual(readdirSync(join(DATA_DIR, 'lab')), ['broken.json'])
    } finally {
      await second.close()
    }
  })

  test('a run that is stopped is kept as far as it came', async () => {
    const shop = await openShop({ env: { LAB: 'on', DATA_DIR: newFolder() } })
    try {
      const { json } = await send(`${shop.url}/lab/runs`, { body: quick })
      const url = `${shop.url}/lab/runs/${json.run_id}`
      const feed = await listen(`${url}/events`)
      await until(() => feed.events.some(({ name }) => name === 'progress'))
      assert.equal((await send(url, { method: 'DELETE' })).status, 202)
      await feed.ended
      assert.equal(outcomeOf(feed).state, 'stopped')
      assert.equal((await send(url)).json.state, 'stopped')
    } finally {
      await shop.close()
    }
  })

  test('a run that is done is kept as done, also when its process ends before the file is written', async () => {
    const folder = newFolder()
    const lines: string[] = []
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
    const { promise: forked, resolve } = Promise.withResolvers<ChildProcess>()
    subscribe('child_process', (message) => resolve((message as { process: ChildProcess }).process))
    const runs = labRuns({ folder, log })
    const { run_id } = runs.start(quick)
    const child = await forked
    // A pipe in place of the file: the write waits until this test reads.
    const file = join(folder, `${run_id}.json.new`)
    execFileSync('mkfifo', [file])
    await once(child, 'disconnect')
    assert.equal(lines.filter((line) => line.includes('has ended')).length, 1, lines.join(''))
    const kept: Run = JSON.parse(await readFile(file, 'utf8'))
    assert.equal(kept.state, 'done', kept.error ?? '')
    await until(async () => (await runs.list())[0]?.state === 'done')
  })

  test('what cannot be run is refused, with a pointer to what is wrong', async () => {
    const shop = await openShop({ env: { LAB: 'on', DATA_DIR: newFolder() } })
    try {
      const { json: experiments } = await send(`${shop.url}/lab/experiments`)
      for (const { id, settings } of experiments as Experiment[]) {
        for (const { name, min, max } of settings) {
          for (const value of [Number(min) - 1, Number(max) + 1, 1.5, '5']) {
            const answer = await send(`${shop.url}/lab/runs`, { body: { experiment: id, settings: { [name]: value } } })
            assert.equal(answer.status, 422, `${id} ${name}=${value}`)
            assert.equal(answer.json.errors[0].pointer, `/settings/${name}`)
          }
        }
      }
      const unknown = await send(`${shop.url}/lab/runs`, { body: { experiment: '__proto__' } })
      assert.deepEqual([unknown.status, unknown.json.errors[0].pointer], [422, '/experiment'])
      assert.deepEqual((await send(`${shop.url}/lab/runs`)).json, [])
    } finally {
      await shop.close()
    }
  })

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`a shop that ends by ${signal} takes its run along`, async () => {
      const DATA_DIR = newFolder()
      const postgres = await startPostgres()
      const shop = await spawnShop('all', { LAB: 'on', DATA_DIR, DATABASE_URL: postgres.url }, 'lab/start.ts')
      try {
        await send(`${shop.url}/lab/runs`, { body: quick })
        const processes = await until(() => {
          const found = descendants(shop.child)
          return found.some(({ command }) => command.includes('modified-shop')) && found
        })
        await shop.end(signal)
        await until(() => processes.every(({ pid }) => !isAlive(pid)))
        if (signal === 'SIGTERM') assert.equal(readdirSync(join(DATA_DIR, 'lab')).length, 1)
      } finally {
        await shop.end('SIGKILL')
        await postgres.stop()
      }
    })
  }
})

function outcomeOf({ events }: Awaited<ReturnType<typeof listen>>): Run {
  const last = events.at(-1)
  assert.ok(last?.name === 'done')
  return (last.data as RunEvents['done']).run
}
