import { parseArgs } from 'node:util'
import { drive } from './drive.ts'
import { prepare } from './prepare.ts'
import { report, verdict } from './report.ts'
import { lasting, type Scenario, scenarios } from './scenarios.ts'
import { watchQueue } from './watch-queue.ts'

// npm run load -- --scenario steady: drives a shop that runs, and prints how it fared. Exit code 0: what the scenario asks
// for was kept; 1: it was not; 2: it could not be run.
const names = Object.keys(scenarios).join(', ')
const usage = `npm run load -- [options]
  --scenario smoke   ${names}
  --url URL          the shop: $BASE, or http://localhost:8080
  --metrics URL      where /metrics is, if the shop has a METRICS_PORT; the shop's address by default
  --seconds N        stretches or shrinks the scenario to so many seconds
The environment's ADMIN_TOKEN is for a shop that has one. RATE_LIMIT has to be off, for all but smoke.`
/** How long the queue gets to be worked off afterwards. */
const PATIENCE_MS = 120_000

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`)
  process.exitCode = 2
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string', default: 'smoke' },
      url: { type: 'string', default: process.env.BASE || 'http://localhost:8080' },
      metrics: { type: 'string' },
      seconds: { type: 'string' },
    },
  })
  const scenario = choose(values.scenario, values.seconds)
  const url = values.url.replace(/\/$/, '')
  const token = process.env.ADMIN_TOKEN
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
  const fixtures = await prepare(url, headers)

  console.log(`${values.scenario}: ${scenario.about}\n`)
  const queue = watchQueue(values.metrics ?? url, headers)
  const samples = await drive(scenario, { url, fixtures, headers })
  const { depths, drained_ms, trouble } = await queue.stop(PATIENCE_MS)

  console.log(report(scenario, samples, depths))
  if (drained_ms !== undefined)
    console.log(`the queue was empty ${(drained_ms / 1000).toFixed(1)} s after the last request`)
  else console.log(depths.length === 0 ? `the queue was not seen: ${trouble}` : 'the queue was not seen to be empty')
  const { line, kept } = verdict(scenario, samples)
  console.log(line)
  if (samples.some(({ status }) => status === 429))
    console.log('429: the rate limit; start the shop with RATE_LIMIT=off')
  return kept
}

function choose(name: string, seconds: string | undefined): Scenario {
  const scenario = (scenarios as Record<string, Scenario>)[name]
  if (!scenario) throw new TypeError(`--scenario: expected one of ${names}, got ${name}`)
  if (seconds === undefined) return scenario
  if (!(Number(seconds) >= 1)) throw new TypeError(`--seconds: expected a number from 1, got ${seconds}`)
  return lasting(scenario, Number(seconds))
}
