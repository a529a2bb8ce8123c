import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { end } from '../../support/end.ts'
import { send } from '../../support/http.ts'
import { ownPort } from '../../support/own-port.ts'
import { until } from '../../support/until.ts'

let port: number
let url: string
let server: ChildProcess
let log: string

beforeEach(async () => {
  port = await ownPort()
  url = `http://127.0.0.1:${port}`
  log = ''
  server = spawn(process.execPath, [join(import.meta.dirname, '../support/busy-server.ts'), `${port}`])
  server.stdout?.on('data', (chunk) => (log += chunk))
  await until(async () => (await send(`${url}/0`)).status === 200)
})
afterEach(() => end(server, 'SIGTERM'))

/**
 * So many clients, each with a connection, ask at once, and again when they have their answer, until `isEnough`; answers
 * are small enough to come in one piece.
 */
async function crowd(size: number, rounds: number, isEnough: (answers: string[]) => boolean): Promise<string[]> {
  const answers: string[] = []
  const sockets = Array.from({ length: size }, () => connect(port, '127.0.0.1').setEncoding('utf8'))
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  const ask = (socket: Socket) => socket.write(`GET /${rounds} HTTP/1.1\r\nhost: shop\r\n\r\n`)
  const client = async (socket: Socket) => {
    ask(socket)
    for await (const answer of socket) {
      answers.push(answer)
      if (isEnough(answers)) return
      ask(socket)
    }
  }
  await Promise.all(sockets.map(client))
  return answers
}
const statusOf = (answer: string) => answer.split('\r\n', 1)[0]
const isRefused = (answer: string) => statusOf(answer) === 'HTTP/1.1 503 Service Unavailable'

test('an overload is refused in part, at once and as a problem; probes are served; it ends by itself', async () => {
  let refusals = 0
  const all = crowd(1000, 20_000, (answers) => {
    if (isRefused(answers.at(-1) ?? '')) refusals += 1
    return refusals > 2000
  })
  await until(() => log.includes('overloaded: refusing'))
  assert.equal((await send(`${url}/health/live`)).status, 200)
  // A path that only begins like a probe's is refused like others.
  await until(async () => (await send(`${url}/health-anything`)).status === 503)
  const answers = await all
  assert.deepEqual([...new Set(answers.map(statusOf))].sort(), ['HTTP/1.1 200 OK', 'HTTP/1.1 503 Service Unavailable'])
  const [head = '', body = ''] = answers.find(isRefused)?.split('\r\n\r\n') ?? []
  const problem = JSON.parse(body)
  assert.deepEqual([problem.code, problem.status, problem.instance], ['overloaded', 503, '/20000'])
  assert.match(head, /^retry-after: 1$/m)
  assert.match(head, /^content-type: application\/problem\+json$/m)
  assert.match(head, new RegExp(`^x-request-id: ${problem.request_id}$`, 'm'))
  const since = answers.slice(answers.findIndex(isRefused))
  assert.ok(since.filter((answer) => !isRefused(answer)).length > 10, 'it goes on serving what it can')

  // It is over when it is over, and not after a time without refusals: these are more than are let in at first.
  await until(async () => {
    const few = await Promise.all(Array.from({ length: 50 }, () => send(`${url}/1000`)))
    return few.every(({ status }) => status === 200)
  })
  await until(async () => {
    await send(`${url}/0`) // it is looked at when somebody comes
    return log.includes('no longer overloaded')
  })
})

test('a burst of 2,000 requests is served to the last', async () => {
  const answers = await crowd(2000, 2000, () => true)
  assert.equal(answers.length, 2000)
  assert.deepEqual([...new Set(answers.map(statusOf))], ['HTTP/1.1 200 OK'])
})

test('a process that others keep from its processor refuses nothing, however late it is', async () => {
  const statuses: number[] = []
  const client = async () => {
    while (statuses.length < 100) statuses.push((await send(`${url}/50000`)).status)
  }
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
  await Promise.all(Array.from({ length: 20 }, client))
  isOver = true
  await theft
  assert.deepEqual([...new Set(statuses)], [200])
})
