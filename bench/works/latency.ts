import { setTimeout as sleep } from 'node:timers/promises'
import type { Receipt } from '../../chaos/shopper.ts'
import { ask } from '../../support/http.ts'
import { percentile } from '../../support/statistics.ts'
import { query } from '../orders.ts'
import type { Stage } from '../stage.ts'
import type { Work } from '../work.ts'

/**
 * Milliseconds from sending an order to the commit that stores it, by PostgreSQL's own record of when that was. Orders
 * come evenly, at a tenth of what the worker can take, whether or not the ones before are done (an open loop).
 */
export function acceptToStored({ ours }: Stage, seconds: number, capacity: () => number): Work {
  const { url, databaseUrl, queue, book } = ours
  return {
    name: 'accept → stored at 10 % load',
    unit: 'ms',
    limits: [
      { of: 'p50', bar: 15, aim: 5 },
      { of: 'p99', bar: 60, aim: 20 },
    ],
    ours: {
      name: 'ours, accept → stored',
      async measure() {
        const rate = capacity() / 10
        const sent = new Map<string, number>()
        const place = async () => {
          const request = book.request()
          const at = performance.timeOrigin + performance.now()
          const { headers = {}, body = '{}' } = request
          const { status, json: receipt } = await ask<Receipt>(url + request.path, { headers, body: JSON.parse(body) })
          if (status !== 202) throw new Error(`an order was answered ${status}: ${JSON.stringify(receipt)}`)
          book.answered(request, status, JSON.stringify(receipt))
          sent.set(receipt.job_id ?? '', at)
        }
        await queue.resume()
        const placed: Promise<void>[] = []
        const start = performance.now()
        for (let next = start; next < start + seconds * 1000; next += 1000 / rate) {
          await sleep(Math.max(0, next - performance.now()))
          const order = place()
          order.catch(() => {}) // it is looked at below
          placed.push(order)
        }
        await Promise.all(placed)
        const stored = await allStored(databaseUrl, [...sent.keys()])
        await queue.pause()
        const times = stored.map(({ job_id, at }) => at - (sent.get(job_id) ?? 0))
        const p50 = percentile(times, 0.5)
        return { value: p50, p50, p99: percentile(times, 0.99) }
      },
    },
  }
}

/** When each of the jobs' orders was committed, in milliseconds, once all of them are. */
async function allStored(databaseUrl: string, jobs: string[]): Promise<{ job_id: string; at: number }[]> {
  for (const deadline = performance.now() + 30_000; ; await sleep(100)) {
    const rows = await query<{ job_id: string; at: number }>(
      databaseUrl,
      `select job_id, (extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000)::float8 as at
       from orders where job_id = any($1)`,
      [jobs],
    )
    if (rows.length === jobs.length) return rows
    if (performance.now() > deadline) throw new Error(`${jobs.length - rows.length} orders are not stored after 30 s`)
  }
}
