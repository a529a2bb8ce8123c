import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Request } from './load.ts'
import { percentile } from './statistics.ts'

export interface Offer {
  request: () => Request
  answered: (request: Request, status: number, body: string) => void
  /** Requests a second, sent whether or not those before have their answers. */
  rate: number
  seconds: number
  /** Seconds at the beginning that are not counted. */
  settling: number
  connections: number
}

export interface Outcome {
  /** Answers of the 200s a second that came within a second. */
  goodput: number
  /** Other answers a second, and how long they took, in milliseconds. */
  refused: number
  refusedP99: number
  servedP99: number
  /** Requests a second that were due when every connection still waited for an answer. */
  unsent: number
}

/** A connection that carries one request at a time. */
interface Line {
  socket: Socket
  due?: { request: Request; at: number } | undefined
  text: string
}

/**
 * Offers requests at a fixed rate (an open loop): unlike a closed one, which asks again when it has its answer, it does not
 * slow down with the server, as a crowd would not.
 */
export async function offer(url: string, options: Offer): Promise<Outcome> {
  const { request, answered, rate, seconds, settling, connections } = options
  const { hostname, port } = new URL(url)
  const idle: Line[] = []
  const served: number[] = []
  const refused: number[] = []
  let unsent = 0
  let good = 0
  let open = 0
  let lost = 0
  let isOver = false
  const start = performance.now() + 100
  const isCounted = (at: number) => at > start + settling * 1000

  const lines = new Set<Line>()
  const openLine = () => {
    const line: Line = { socket: connect(Number(port), hostname), text: '' }
    lines.add(line)
    line.socket.setEncoding('latin1').setNoDelay()
    line.socket.on('data', (chunk: string) => read(line, chunk))
    line.socket.once('connect', () => idle.push(line))
    line.socket.on('error', () => {})
    line.socket.once('close', () => {
      lines.delete(line)
      if (line.due) lost += 1
      else if (idle.includes(line)) idle.splice(idle.indexOf(line), 1)
      if (!isOver) openLine()
    })
  }
  for (let count = 0; count < connections; count++) openLine()

  function read(line: Line, chunk: string): void {
    line.text += chunk
    const head = line.text.indexOf('\r\n\r\n')
    if (head < 0 || !line.due) return
    const length = Number(/content-length: (\d+)/i.exec(line.text)?.[1] ?? 0)
    if (line.text.length < head + 4 + length) return
    const { request: asked, at } = line.due
    const status = Number(line.text.slice(9, 12))
    const ms = performance.now() - at
    if (status < 300) answered(asked, status, line.text.slice(head + 4))
    if (isCounted(at)) (status < 300 ? served : refused).push(ms)
    if (isCounted(at) && status < 300 && ms < 1000) good += 1
    line.text = ''
    line.due = undefined
    open -= 1
    idle.push(line)
  }

  function send(line: Line): void {
    const asked = request()
    const { method = 'GET', path, headers = {}, body = '' } = asked
    const fields = Object.entries({ host: hostname, ...headers, 'content-length': `${body.length}` })
    line.due = { request: asked, at: performance.now() }
    open += 1
    line.socket.write(
      `${method} ${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
    )
  }

  await sleep(Math.max(0, start - performance.now()))
  for (let sent = 0, now = start; now < start + seconds * 1000; now = performance.now()) {
    for (const due = ((now - start) / 1000) * rate; sent < due; sent++) {
      const line = idle.shift()
      if (line) send(line)
      else if (isCounted(now)) unsent += 1
    }
    await sleep(1)
  }
  for (const deadline = performance.now() + 15_000; open > lost && performance.now() < deadline; ) await sleep(20)
  isOver = true
  for (const { socket } of lines) socket.destroy()
  if (open > 0) throw new Error(`${open} requests were not answered`)
  const counted = seconds - settling
  const last = (times: number[]) =>
    percentile(
      times.sort((a, b) => a - b),
      0.99,
    )
  return {
    goodput: good / counted,
    refused: refused.length / counted,
    refusedP99: last(refused),
    servedP99: last(served),
    unsent: unsent / counted,
  }
}
