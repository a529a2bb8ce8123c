import { readdirSync, readFileSync } from 'node:fs'
import { generateLoad, type Request } from '../support/load-generator.ts'
import { percentile } from '../support/statistics.ts'

/** What one measurement found. */
export interface Sample {
  /** In the unit of its work: requests a second, unless the work says otherwise. */
  value: number
  /** Latency in milliseconds. */
  p50?: number
  p99?: number
  /** How much of its core the measured process used, 0 to 1; well under 1, something else held it back. */
  busy?: number
  /** Microseconds of processor time that the measured process used for an answer. */
  cpu?: number
}

export interface Load {
  /** What is asked; a function makes each request anew. */
  request: Request | (() => Request)
  /** Is given each answer, with what was asked. */
  answered?: (request: Request, status: number, body: string) => void
  /** The status, or one of those, that all answers have to have. */
  expect: number | readonly number[]
  connections?: number
  /**
   * So many seconds are not counted. A process that has rested needs one under load until it is as fast as it then stays: V8
   * has given back the room for young objects, and at first it has not compiled what is asked.
   */
  warmUp?: number
  /** Ends after so many seconds, or so many answers, at least one a connection; the latter leaves no request unanswered. */
  seconds?: number
  amount?: number
  /** The measured process. */
  pid?: number
}

export const CONNECTIONS = 32

/**
 * Puts load on a server, by 32 connections unless told, and measures it. @throws when an answer is not the expected one
 */
export async function fire(url: string, load: Load): Promise<Sample> {
  const { request, answered: read, expect, connections = CONNECTIONS, warmUp = 0, pid, ...end } = load
  if (warmUp > 0) await fire(url, { ...load, warmUp: 0, seconds: warmUp })
  const expected = [expect].flat()
  const answers: { ms: number; at: number }[] = []
  let wrong = ''
  const cpu = pid === undefined ? 0 : cpuSeconds(pid)
  const start = performance.now()
  const errors = await generateLoad({
    url,
    connections,
    ...end,
    request: typeof request === 'function' ? () => request : request,
    ...(read && { read }),
    answered({ status, ms }) {
      answers.push({ ms, at: performance.now() })
      if (!expected.includes(status)) wrong ||= `${status} instead of ${expect}`
    },
  })
  if (wrong || errors > 0 || answers.length === 0)
    throw new Error(`${url}: ${wrong || `${errors} of ${answers.length} requests failed`}`)
  const used = pid === undefined ? 0 : cpuSeconds(pid) - cpu
  const all = (performance.now() - start) / 1000
  // The first of each connection waits for it to be made, which is a good part of a short turn.
  const counted = answers.slice(Math.min(connections, answers.length >> 1))
  const elapsed = ((counted.at(-1)?.at ?? 0) - (answers[answers.length - counted.length - 1]?.at ?? start)) / 1000
  const times = counted.map(({ ms }) => ms)
  return {
    value: counted.length / elapsed,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    ...(pid !== undefined && { busy: used / all, cpu: (used / answers.length) * 1e6 }),
  }
}

/** Processor time that the threads of a process have used, in seconds; 0 where there is no /proc. */
export function cpuSeconds(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const nanoseconds = threads.map(
      (thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0],
    )
    return nanoseconds.reduce((sum, used) => sum + Number(used), 0) / 1e9
  } catch {
    return 0
  }
}
