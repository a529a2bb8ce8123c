import { percentile } from '../support/statistics.ts'
import type { Event } from './disturb.ts'
import type { Ledger, Violation } from './ledger.ts'
import type { Options } from './options.ts'
import type { Disturbance } from './schedule.ts'

export interface Report {
  options: Options
  schedule: Disturbance[]
  timeline: Event[]
  kills: number
  orders: { sent: number; accepted: number; refused: number; unknown: number }
  outcomes: Record<string, number>
  cancelled: number
  /** Milliseconds to the first 202, as clients waited for it. */
  accept_ms: { p50: number; p99: number; max: number }
  /** Accepted orders a second while the clients were at work. */
  accepted_per_s: number
  drain_s: number
  audit_s: number
  counts: Record<string, number>
  violations: Record<string, number>
  /** The first of each name. */
  examples: Violation[]
}

export function buildReport(
  options: Options,
  run: {
    schedule: Disturbance[]
    timeline: Event[]
    ledger: Ledger
    outcomes: string[]
    drainS: number
    auditS: number
  },
  violations: Violation[],
): Report {
  const { ledger, timeline } = run
  const accepted = ledger.orders.filter(({ fate }) => fate === 'accepted').length
  const acceptMs = (share: number) => Math.round(percentile(ledger.acceptMs, share) * 10) / 10
  const byName = tally(violations.map(({ name }) => name))
  return {
    options,
    schedule: run.schedule,
    timeline,
    kills: timeline.filter(({ action }) => action === 'kill').length,
    orders: { sent: ledger.orders.length, accepted, ...fates(ledger) },
    outcomes: tally(run.outcomes),
    cancelled: [...ledger.cancellations.values()].filter(Boolean).length,
    accept_ms: { p50: acceptMs(0.5), p99: acceptMs(0.99), max: acceptMs(1) },
    accepted_per_s: Math.round(accepted / options.seconds),
    drain_s: run.drainS,
    audit_s: run.auditS,
    counts: Object.fromEntries([...ledger.counts].sort(([a], [b]) => (a < b ? -1 : 1))),
    violations: byName,
    examples: Object.keys(byName).flatMap((name) => violations.filter((entry) => entry.name === name).slice(0, 10)),
  }
}

function fates({ orders }: Ledger) {
  const count = (fate: string) => orders.filter((placed) => placed.fate === fate).length
  return { refused: count('refused'), unknown: count('unknown') }
}

function tally(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** The report for people: what was hit when, what came of the orders, what was broken. */
export function printReport(report: Report): string {
  const { orders, outcomes, accept_ms, violations } = report
  const seconds = (ms: number) => (ms / 1000).toFixed(1).padStart(7)
  const timeline = report.timeline.map(
    ({ atMs, victim, action, upMs }) =>
      `${seconds(atMs)} s  ${action.padEnd(8)}${victim.padEnd(10)}${upMs === undefined ? '' : `back after ${seconds(upMs - atMs).trim()} s`}`,
  )
  const rows: [string, string | number][] = [
    ['orders sent', orders.sent],
    ['accepted (202)', `${orders.accepted} (${report.accepted_per_s} a second)`],
    ['refused, nothing enqueued', orders.refused],
    ['unknown, sent without a key', orders.unknown],
    ...Object.entries(outcomes).map(([name, count]): [string, number] => [`accepted, then ${name}`, count]),
    ['cancelled', report.cancelled],
    ['kills', report.kills],
    ['accept, p50 / p99 / max', `${accept_ms.p50} / ${accept_ms.p99} / ${accept_ms.max} ms`],
    ['drain, audit', `${report.drain_s} s, ${report.audit_s} s`],
  ]
  const verdict =
    Object.keys(violations).length === 0
      ? ['no violation: nothing lost, doubled, oversold, stale or restocked twice']
      : [
          ...Object.entries(violations).map(([name, count]) => `VIOLATION ${name}: ${count}`),
          ...report.examples.map(({ name, detail }) => `  ${name}: ${detail}`),
        ]
  const answers = Object.entries(report.counts).map(([name, count]): [string, number] => [name, count])
  return [
    '',
    'Timeline',
    ...timeline,
    '',
    'Answers',
    ...table(answers),
    '',
    'Orders',
    ...table(rows),
    '',
    ...verdict,
  ].join('\n')
}

function table(rows: [string, string | number][]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
}
