import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../src/free-port.ts'
import { end } from './support/end.ts'
import { type Answer, send } from './support/http.ts'
import { until } from './support/until.ts'

/** As slow a machine as may be: these wait for an amount of work to be done, however long that takes. */
const PATIENCE_MS = 120_000

let port: number
let url: string
let server: ChildProcess
let log: string

beforeEach(async () => {
  port = await freePort()
  url = `http://127.0.0.1:${port}`
  log = ''
  server = spawn(process.execPath, [join(import.meta.dirname, 'support/busy-server.ts'), `${port}`])
  server.stdout?.on('data', (chunk) => (log += chunk))
  await until(async () => (await send(`${url}/0`)).status === 200, PATIENCE_MS)
})
afterEach(() => end(server, 'SIGTERM'))

/** So many clients, each of which asks again when it has its answer, until `enough` says so. */
async function crowd(clients: number, rounds: number, enough: (answers: Answer[]) => boolean): Promise<Answer[]> {
  const answers: Answer[] = []
  const deadline = Date.now() + PATIENCE_MS
  const client = async () => {
    while (!enough(answers) && Date.now() < deadline) answers.push(await send(`${url}/${rounds}`))
  }
  await Promise.all(Array.from({ length: clients }, client))
  return answers
}
const refused = (answers: Answer[]) => answers.filter(({ status }) => status === 503)

test('a lasting overload is refused in part, at once and as a problem; probes are served; it ends by itself', async () => {
  let probes: Promise<number[]> | undefined
  const probe = async (path: string) => (await send(url + path)).status
  const answers = await crowd(400, 200_000, (soFar) => {
    if (refused(soFar).length > 0) probes ??= Promise.all(['/health/live', '/metrics'].map(probe))
    return refused(soFar).length >= 500
  })
  const [problem] = refused(answers)
  assert.equal(problem?.json.code, 'overloaded')
  assert.equal(problem?.json.status, 503)
  assert.equal(problem?.json.instance, '/200000')
  assert.equal(problem?.json.request_id, problem?.headers.get('x-request-id'))
  assert.equal(problem?.headers.get('retry-after'), '1')
  assert.equal(problem?.headers.get('content-type'), 'application/problem+json')
  assert.deepEqual(await probes, [200, 200])
  const since = answers.slice(answers.indexOf(problem as Answer))
  assert.ok(since.length > refused(since).length, 'it goes on serving what it can')
  assert.match(log, /overloaded: refusing/)

  await until(async () => (await send(`${url}/0`)).status === 200 && log.includes('no longer overloaded'), PATIENCE_MS)
})

test('a burst of 2,000 requests is served to the last', async () => {
  const SIZE = 2000
  server.kill('SIGSTOP') // it finds all of them at once when it goes on
  let waiting = 0
  const answers = Array.from({ length: SIZE }, async () => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`GET /2000 HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n`, () => (waiting += 1))
    return (await text(socket)).split('\r\n', 1)[0]
  })
  await until(() => waiting === SIZE, PATIENCE_MS)
  server.kill('SIGCONT')
  assert.deepEqual([...new Set(await Promise.all(answers))], ['HTTP/1.1 200 OK'])
})

test('a process that others keep from its processor refuses nothing, however late it is', async () => {
  let isOver = false
  const others = async () => {
    while (!isOver) {
      server.kill('SIGSTOP')
      await sleep(90)
      server.kill('SIGCONT')
      await sleep(10)
    }
  }
  const theft = others()
  const answers = await crowd(40, 50_000, (soFar) => soFar.length >= 160)
  isOver = true
  await theft
  assert.ok(answers.length >= 160)
  assert.equal(refused(answers).length, 0)
})
