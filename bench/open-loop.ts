import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Request } from './load.ts'
import { percentile } from './statistics.ts'

export interface Offer {
  request: () => Request
  /** Requests a second, sent whether or not those before have their answers. */
  rate: number
  /** So long is counted, once the server has begun to refuse. */
  seconds: number
  connections: number
}

export interface Outcome {
  /** Answers of the 200s a second that came within a second. */
  goodput: number
  /** How long refusals because of overload took, in milliseconds. */
  refusedP50: number
  refusedP99: number
}

/** Seconds after which it is counted though nothing was refused, and those from the first refusal, in which what waited is served. */
const PATIENCE = 20
const SETTLING = 5

/** A connection that carries one request at a time. */
interface Line {
  socket: Socket
  due?: { at: number } | undefined
  /** The answer as far as its first piece goes, and how many bytes of it are still to come. */
  text: string
  left: number
}

/**
 * Offers requests at a fixed rate (an open loop): unlike a closed one, which asks again when it has its answer, it does not
 * slow down with the server, as a crowd would not.
 */
export async function offer(url: string, options: Offer): Promise<Outcome> {
  const { request, rate, seconds, connections } = options
  const { hostname, port } = new URL(url)
  const idle: Line[] = []
  const refused: number[] = []
  let good = 0
  let open = 0
  let lost = 0
  let wrong = ''
  let isOver = false
  let from = Number.POSITIVE_INFINITY
  const isCounted = (at: number) => at > from && at < from + seconds * 1000

  const lines = new Set<Line>()
  const openLine = () => {
    const line: Line = { socket: connect(Number(port), hostname), text: '', left: 0 }
    lines.add(line)
    line.socket.setNoDelay()
    line.socket.on('data', (chunk: Buffer) => read(line, chunk))
    line.socket.once('connect', () => idle.push(line))
    line.socket.on('error', () => {})
    line.socket.once('close', () => {
      lines.delete(line)
      if (line.due) lost += 1
      else if (idle.includes(line)) idle.splice(idle.indexOf(line), 1)
      if (!isOver) openLine()
    })
  }
  // A few at a time: the kernel keeps 511 that are not accepted yet, and resets what is over that when it has waited.
  for (let count = 0; count < connections; count++) {
    openLine()
    if (count % 100 === 99) await sleep(20)
  }

  /** Lists are long, and this shares a core with the database that they come from: nothing is looked at twice. */
  function read(line: Line, chunk: Buffer): void {
    if (!line.due) return
    if (line.left > 0) line.left -= chunk.length
    else {
      line.text += chunk.toString('latin1')
      const head = line.text.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = Number(/content-length: (\d+)/i.exec(line.text)?.[1] ?? 0)
      line.left = head + 4 + length - line.text.length
    }
    if (line.left > 0) return
    const { at } = line.due
    const status = Number(line.text.slice(9, 12))
    const ms = performance.now() - at
    const isRefusal = status === 503 && line.text.includes('"overloaded"')
    if (isRefusal && from === Number.POSITIVE_INFINITY) from = performance.now() + SETTLING * 1000
    // What was taken up before may have waited too long for a connection to the database: that is no refusal, nor good.
    if (status >= 300 && status !== 503) wrong ||= line.text
    if (isCounted(at) && isRefusal) refused.push(ms)
    if (isCounted(at) && status < 300 && ms < 1000) good += 1
    line.text = ''
    line.due = undefined
    open -= 1
    idle.push(line)
  }

  function send(line: Line): void {
    const { method = 'GET', path, headers = {}, body = '' } = request()
    const fields = Object.entries({ host: hostname, ...headers, 'content-length': `${body.length}` })
    line.due = { at: performance.now() }
    open += 1
    line.socket.write(
      `${method} ${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
    )
  }

  await sleep(100)
  const start = performance.now()
  for (let sent = 0, now = start; now < from + seconds * 1000; now = performance.now()) {
    if (from === Number.POSITIVE_INFINITY && now > start + PATIENCE * 1000) from = now
    for (const due = ((now - start) / 1000) * rate; sent < due; sent++) {
      const line = idle.shift()
      if (line) send(line) // else all still wait, as this one would
    }
    await sleep(1)
  }
  for (const deadline = performance.now() + 15_000; open > lost && performance.now() < deadline; ) await sleep(20)
  isOver = true
  for (const { socket } of lines) socket.destroy()
  if (open > 0) throw new Error(`${open} requests were not answered, of which ${lost} lost their connection`)
  if (wrong) throw new Error(`an answer that is none: ${wrong}`)
  refused.sort((a, b) => a - b)
  return { goodput: good / seconds, refusedP50: percentile(refused, 0.5), refusedP99: percentile(refused, 0.99) }
}
