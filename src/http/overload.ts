import type { Socket } from 'node:net'

/** An answer is late when this thread worked for longer than this, on other requests, while the client waited. */
const LATE_MS = 500
/** How much work may be waiting under overload: a refusal waits behind it. */
export const ADMITTED_MS = 15
/** The time between two looks at the thread. */
const LOOK_MS = 200
/** How long a queue must stand to be an overload. */
const STANDING_MS = 3000
/** A thread that is idle for this part of the time has paused, and so could do more. */
const PAUSE = 0.1
/** How long to count the clients that ask, before deciding whether all of them could be served. */
const CROWD_MS = 2000

/** What happened since the last look. Times are milliseconds of the thread: what others took of the processor is left out. */
interface Look {
  ms: number
  idle: number
  answers: number
  late: number
  refused: number
}

/** What several looks add up to. */
interface Span {
  ms: number
  answers: number
  /** The connections that asked, under overload. */
  connections: Set<Socket>
}

/** Whether the thread is overloaded, and how many requests may then be in progress. */
export interface Overload {
  readonly isActive: boolean
  readonly limit: number
  /** Decides anew, if it is time to. @param now the thread's time */
  look(now: number): void
  asked(connection: Socket): void
  refused(): void
  /** @param waited how long the thread worked between a request and its answer */
  answered(waited: number): void
}

/** Watches how long answers wait for the thread. A queue that stands begins an overload (see `load-shedding.ts`). */
export function watchOverload(changed: (isActive: boolean) => void): Overload {
  const emptySpan = (): Span => ({ ms: 0, answers: 0, connections: new Set() })
  const counts = { answers: 0, late: 0, refused: 0 }
  let last = { now: 0, idleTime: 0 }
  let reading = 0
  /** Since the queue began to stand; under overload since the clients were last counted. */
  let span = emptySpan()

  function change(isActive: boolean) {
    overload.isActive = isActive
    span = emptySpan()
    changed(isActive)
  }

  function whenCalm(look: Look) {
    if (!isStanding(look)) span = emptySpan()
    else if (span.ms >= STANDING_MS) {
      overload.limit = concurrency(span)
      change(true)
    }
  }

  function whenOverloaded(look: Look) {
    if (isOver(look, span)) change(false)
    else if (span.ms >= CROWD_MS) span = emptySpan()
    overload.limit = nextLimit(overload.limit, look)
  }

  const overload = {
    isActive: false,
    limit: 1,
    look(now: number) {
      if (now === reading) return // the clock was not read again
      reading = now
      const { idleTime } = performance.nodeTiming
      const idle = idleTime - last.idleTime
      const look = { ms: now - last.now + idle, idle, ...counts }
      if (look.ms < LOOK_MS || (look.answers === 0 && !hasPaused(look))) return
      last = { now, idleTime }
      Object.assign(counts, { answers: 0, late: 0, refused: 0 })
      span.ms += look.ms
      span.answers += look.answers
      if (overload.isActive) whenOverloaded(look)
      else whenCalm(look)
    },
    asked(connection: Socket) {
      span.connections.add(connection)
    },
    refused() {
      counts.refused += 1
    },
    answered(waited: number) {
      counts.answers += 1
      if (waited > LATE_MS) counts.late += 1
    },
  }
  return overload
}

const hasPaused = ({ idle, ms }: Look) => idle > PAUSE * ms

/** Most answers are late, and the thread never pauses. */
const isStanding = (look: Look) => !hasPaused(look) && look.late > look.answers / 2

/**
 * Nothing had to be refused, nobody came for half a second, or all clients could be served in time. The last condition
 * ends an overload that refused clients, who ask again at once, would otherwise sustain.
 */
function isOver(look: Look, span: Span): boolean {
  if (look.refused === 0 || look.idle > LATE_MS) return true
  // A connection has one request at a time, so no more than these can wait.
  const longestWait = span.connections.size * (span.ms / span.answers)
  return span.ms >= CROWD_MS && longestWait <= LATE_MS
}

/** How many requests are in progress at a time, if `answers` took `ms` and each took {@link ADMITTED_MS} (Little's law). */
const concurrency = ({ answers, ms }: { answers: number; ms: number }) => Math.max(1, (answers * ADMITTED_MS) / ms)

/** Doubles with each pause, since the admitted requests waited for a store then; else halves, down to what keeps it busy. */
const nextLimit = (limit: number, look: Look) =>
  hasPaused(look) ? limit * 2 ** (look.ms / LOOK_MS) : Math.max(concurrency(look), limit / 2)
