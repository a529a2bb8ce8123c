import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { freePort } from '../src/free-port.ts'
import { type Answer, send } from './support/http.ts'
import { until } from './support/until.ts'

/** It can serve 500 requests a second. */
const WORK_MS = 2
let url: string
let end: () => Promise<unknown>
let log = ''

before(async () => {
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const server = spawn(process.execPath, [join(import.meta.dirname, 'support/busy-server.ts'), `${port}`, `${WORK_MS}`])
  server.stdout.on('data', (chunk) => (log += chunk))
  end = () => {
    const exited = once(server, 'exit')
    server.kill()
    return exited
  }
  await until(async () => (await send(url)).status === 200)
})
after(() => end())

/** So many clients, each of which asks again when it has its answer, until `enough` says so. */
async function crowd(clients: number, enough: (answers: Answer[]) => boolean): Promise<Answer[]> {
  const answers: Answer[] = []
  const deadline = Date.now() + 20_000
  const client = async () => {
    while (!enough(answers) && Date.now() < deadline) answers.push(await send(url))
  }
  await Promise.all(Array.from({ length: clients }, client))
  return answers
}

test('a burst is served to the last, however many come at once', async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, () => send(url)))
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
})

test('a lasting overload is refused in part, at once and as a problem; probes are served; it ends by itself', async () => {
  const refused = (answers: Answer[]) => answers.filter(({ status }) => status === 503)
  let probed = 0
  const answers = await crowd(200, (soFar) => {
    if (refused(soFar).length > 0 && probed === 0) {
      probed += 1
      void send(`${url}/health/live`).then(({ status }) => (probed = status))
    }
    return refused(soFar).length >= 1000 && probed > 1
  })
  const [problem] = refused(answers)
  assert.equal(problem?.json.code, 'overloaded')
  assert.equal(problem?.json.request_id, problem?.headers.get('x-request-id'))
  assert.equal(problem?.headers.get('retry-after'), '1')
  assert.equal(problem?.headers.get('content-type'), 'application/problem+json')
  assert.equal(probed, 200)
  const served = answers.slice(answers.indexOf(problem as Answer)).filter(({ status }) => status === 200)
  assert.ok(served.length > 0, 'it goes on serving what it can')
  assert.match(log, /overloaded: refusing/)

  await until(async () => (await send(url)).status === 200 && log.includes('no longer overloaded'))
})
