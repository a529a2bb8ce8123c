import { randomUUID } from 'node:crypto'
import { ask } from '../support/http.ts'
import { audit } from './audit.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { disturb, type Event } from './disturb.ts'
import { factsFromDatabase, factsFromHttp } from './facts.ts'
import { Ledger } from './ledger.ts'
import type { Options } from './options.ts'
import { randomFrom } from './random.ts'
import { buildReport, type Report } from './report.ts'
import { planDisturbances } from './schedule.ts'
import { checkLists, resolveUnknown, untilDrained } from './settle.ts'
import type { Client } from './shopper.ts'
import { openMarket, runClients } from './traffic.ts'

/** Seconds the shop says a list may live (CACHE_TTL). */
const TTL_S = 60

/**
 * One run: a shop (its own, or the target), clients at work while its parts are killed, then peace, then the audit.
 * @param say gets a line for each step
 */
export async function runChaos(options: Options, say: (line: string) => void, signal: AbortSignal): Promise<Report> {
  const ledger = new Ledger()
  const timeline: Event[] = []
  const schedule = options.target ? [] : planDisturbances(options)
  const onCrash = (victim: string, how: string) => {
    timeline.push({ atMs: Math.round(performance.now() - ledger.began), victim, action: 'crash' })
    ledger.report('crashed', `${victim} ${how}`)
  }
  const cluster = options.target ? undefined : await startCluster(options, onCrash)
  let clean = false
  try {
    const apis = cluster?.apis ?? [options.target ?? '']
    const client: Client = { apis, ledger, random: randomFrom(options.seed), cancellable: [] }
    const run = randomUUID().slice(0, 8)
    const newest = await ask<{ id: number }[]>(`${apis[0]}/orders/?limit=1&after=2147483646`)
    if (newest.status !== 200) throw new Error(`${apis[0]} does not answer as this shop does: ${newest.status}`)
    const afterOrder = (await ask<{ id: number }[]>(`${apis[0]}/orders/`)).json.at(-1)?.id ?? 0
    await openMarket(client, run)

    say(`${options.seconds} s of ${options.rate} orders a second, ${schedule.length} disturbances`)
    ledger.began = performance.now()
    const quiet = new AbortController()
    const disturbing = disturb(schedule, cluster?.parts ?? new Map(), timeline, AbortSignal.any([signal, quiet.signal]))
    await runClients(client, { ...options, ttlS: TTL_S, run, signal })
    quiet.abort()
    await disturbing
    signal.throwIfAborted()

    say('everything is up again; asking for what is unknown, and waiting for the queue')
    const drainBegan = performance.now()
    await resolveUnknown(client)
    const jobs = await untilDrained(apis, ledger)
    const drainS = secondsSince(drainBegan)
    await checkLists(client)

    say(`drained in ${drainS} s; auditing`)
    const auditBegan = performance.now()
    const facts = [await factsFromHttp(apis, ledger, jobs, afterOrder), ...(await inside(cluster))]
    const violations = [...ledger.violations, ...facts.flatMap((found) => audit(ledger, found))]
    clean = violations.length === 0
    const outcomes = [...jobs.values()].map(({ status, code }) => (code ? `${status}: ${code}` : status))
    const auditS = secondsSince(auditBegan)
    return buildReport(options, { schedule, timeline, ledger, outcomes, drainS, auditS }, violations)
  } finally {
    // What a plant breaks needs no post-mortem.
    const keepLogs = !clean && !options.plant && !signal.aborted
    await cluster?.stop(keepLogs)
    if (keepLogs && cluster) say(`the logs are in ${cluster.logs}`)
  }
}

const inside = async (cluster: Cluster | undefined) => (cluster ? [await factsFromDatabase(cluster.databaseUrl)] : [])
const secondsSince = (start: number): number => Math.round((performance.now() - start) / 100) / 10
