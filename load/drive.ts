import { setTimeout as sleep } from 'node:timers/promises'
import { generateLoad, type Request } from '../support/load-generator.ts'
import { type Fixtures, requestOf, type Scenario, type Step } from './scenarios.ts'

/** One answer, or none. */
export interface Sample {
  stage: number
  step: Step
  /** Milliseconds since the run began, at the end of the answer. */
  at: number
  ms: number
  /** 0: the connection failed, or nothing came within ten seconds. */
  status: number
}

/** Users that begin each second together are not all in step: they come in so many waves. */
const WAVES = 10

interface Shop {
  url: string
  fixtures: Fixtures
  headers: Record<string, string>
}

/**
 * Drives a scenario, stage by stage: a connection for each user. A user who waits for an answer sends nothing (a closed
 * loop, as in k6), so a shop that stalls is asked less, not more; it shows in the latencies. What is under way when a stage
 * ends is cut off and not counted, though the shop may serve it.
 */
export async function drive(scenario: Scenario, shop: Shop): Promise<Sample[]> {
  const samples: Sample[] = []
  const began = performance.now()
  const steps = new WeakMap<Request, Step>()
  const user = users(scenario, shop, steps)

  const runWave = async (stage: number, seconds: number, connections: number, delay: number) => {
    await sleep(delay)
    const note = (step: Step, status: number, ms: number) =>
      samples.push({ stage, step, at: performance.now() - began, ms, status })
    const errors = await generateLoad({
      url: shop.url,
      connections,
      seconds,
      rate: scenario.pace,
      request: user,
      answered: ({ request, status, ms }) => void note(steps.get(request) ?? 'list', status, ms),
    })
    for (let n = 0; n < errors; n++) note('list', 0, 10_000)
  }

  for (const [stage, { seconds, users }] of scenario.stages.entries()) {
    const waves = Math.min(WAVES, users)
    const connections = (wave: number) => Math.floor((users + wave) / waves)
    await Promise.all(
      Array.from({ length: waves }, (_, wave) => runWave(stage, seconds, connections(wave), (wave * 1000) / waves)),
    )
  }
  return samples
}

/** Makes users, and each user's requests: round and round through the scenario's steps. Notes the step of each request. */
function users({ steps }: Scenario, { fixtures, headers }: Shop, notes: WeakMap<Request, Step>) {
  let users = 0
  let orders = 0
  return () => {
    const turn = ++users
    let at = turn // each user begins elsewhere, so that at any moment all steps are under way
    return (): Request => {
      const step = steps[at++ % steps.length] ?? 'list'
      const { body, ...request } = requestOf(step, fixtures, step === 'order' ? ++orders : turn)
      const ofOrder = body && { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
      const made = { ...request, headers: { ...headers, ...ofOrder }, ...(body && { body: JSON.stringify(body) }) }
      notes.set(made, step)
      return made
    }
  }
}
