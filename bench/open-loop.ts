import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A crowd that asks at a fixed rate. */
export interface Crowd {
  /** Asks for so many seconds, `rate` times a second, and tells what it got. In between it waits, and its clock stands still. */
  ask(rate: number, seconds: number): Promise<Outcome>
  /** Waits for the last answers, and goes. @throws when one does not come, or is wrong */
  leave(): Promise<void>
}

export interface Outcome {
  /** Answers of the 200s a second that came within a second. */
  goodput: number
  /** How long each refusal because of overload took, in milliseconds. */
  refused: number[]
}

/** A connection that carries one request at a time. */
interface Line {
  socket: Socket
  /** When its request was sent, by the crowd's clock. */
  sent?: number | undefined
  /** The answer as far as its first piece goes, and how many bytes of it are still to come. */
  text: string
  left: number
}

/**
 * Gathers a crowd of so many connections. It makes an open loop: unlike a closed one, which asks again when it has its
 * answer, it does not slow down with the server.
 */
export async function gather(url: string, path: string, connections: number): Promise<Crowd> {
  const { hostname, port } = new URL(url)
  const lines = new Set<Line>()
  const idle: Line[] = []
  const question = `GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`
  let lost = 0
  let wrong = ''
  let hasLeft = false
  /** Milliseconds that its clock stood still, and since when it does. */
  let away = 0
  let stopped: number | undefined = performance.now()
  const clock = () => (stopped ?? performance.now()) - away
  let good = 0
  let refused: number[] = []

  function openLine(): Line {
    const line: Line = { socket: connect(Number(port), hostname), text: '', left: 0 }
    lines.add(line)
    line.socket.setNoDelay()
    line.socket.on('data', (chunk: Buffer) => read(line, chunk))
    line.socket.once('connect', () => idle.push(line))
    line.socket.on('error', () => {})
    line.socket.once('close', () => {
      lines.delete(line)
      if (line.sent !== undefined) lost += 1
      else if (idle.includes(line)) idle.splice(idle.indexOf(line), 1)
      if (!hasLeft) openLine()
    })
    return line
  }

  /** Lists are long, and this shares a core with the database that they come from: nothing is looked at twice. */
  function read(line: Line, chunk: Buffer): void {
    if (line.sent === undefined) return
    if (line.left > 0) line.left -= chunk.length
    else {
      line.text += chunk.toString('latin1')
      const head = line.text.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = Number(/content-length: (\d+)/i.exec(line.text)?.[1] ?? 0)
      line.left = head + 4 + length - line.text.length
    }
    if (line.left > 0) return
    const ms = clock() - line.sent
    const status = Number(line.text.slice(9, 12))
    // What was taken up before may have waited too long for a connection to the database: that is no refusal, nor good.
    if (status >= 300 && status !== 503) wrong ||= line.text
    if (status === 503 && line.text.includes('"overloaded"')) refused.push(ms)
    if (status < 300 && ms < 1000) good += 1
    line.text = ''
    line.sent = undefined
    idle.push(line)
  }

  async function ask(rate: number, seconds: number): Promise<Outcome> {
    if (stopped !== undefined) away += performance.now() - stopped
    stopped = undefined
    const start = clock()
    let now = start
    for (let sent = 0; now < start + seconds * 1000; now = clock()) {
      for (const due = ((now - start) / 1000) * rate; sent < due; sent++) {
        const line = idle.shift()
        if (!line) continue // all still wait, as this one would
        line.sent = clock()
        line.socket.write(question)
      }
      await sleep(1)
    }
    stopped = performance.now()
    const outcome = { goodput: good / ((now - start) / 1000), refused }
    good = 0
    refused = []
    return outcome
  }

  async function leave(): Promise<void> {
    const isOpen = () => [...lines].some(({ sent }) => sent !== undefined)
    for (const deadline = performance.now() + 15_000; isOpen() && performance.now() < deadline; ) await sleep(20)
    const isUnanswered = isOpen()
    hasLeft = true
    for (const { socket } of lines) socket.destroy()
    if (isUnanswered || lost > 0) throw new Error(`requests were not answered; ${lost} lost their connection`)
    if (wrong) throw new Error(`an answer that is none: ${wrong}`)
  }

  // A few at a time: the kernel keeps 511 that are not accepted yet, and resets what is over that when it has waited.
  try {
    for (let left = connections; left > 0; left -= 100)
      await Promise.all(Array.from({ length: Math.min(left, 100) }, () => once(openLine().socket, 'connect')))
  } catch (error) {
    await leave()
    throw error
  }
  return { ask, leave }
}
