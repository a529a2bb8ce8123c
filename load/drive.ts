import { setTimeout as sleep } from 'node:timers/promises'
import autocannon from 'autocannon'
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

/**
 * Drives a scenario, stage by stage, with autocannon: a connection for each user. A user who waits for an answer sends
 * nothing (a closed loop, as in k6), so a shop that stalls is asked less, not more; it shows in the latencies. What is under way
 * when a stage ends is cut off and not counted, though the shop may serve it.
 */
export async function drive(
  scenario: Scenario,
  { url, fixtures, headers }: { url: string; fixtures: Fixtures; headers: Record<string, string> },
): Promise<Sample[]> {
  const samples: Sample[] = []
  const began = performance.now()
  let user = 0
  let orders = 0

  const runWave = async (stage: number, seconds: number, connections: number, delay: number) => {
    await sleep(delay)
    const { errors } = await autocannon({
      url,
      connections,
      duration: seconds,
      connectionRate: scenario.pace,
      timeout: 10,
      headers: { 'content-type': 'application/json', ...headers },
      setupClient(client) {
        user += 1
        let step: Step = 'list'
        // Each user begins elsewhere, so that at any moment all steps are under way.
        const steps = scenario.steps.map((_, at) => scenario.steps[(at + user) % scenario.steps.length] ?? 'list')
        const turn = user
        client.setRequests(steps.map((name) => asRequest(name, turn, () => (step = name))))
        client.on('response', (status: number, _: number, ms: number) => {
          samples.push({ stage, step, at: performance.now() - began, ms, status })
        })
      },
    })
    for (let n = 0; n < errors; n++)
      samples.push({ stage, step: 'list', at: performance.now() - began, ms: 10_000, status: 0 })
  }

  const asRequest = (step: Step, turn: number, answered: () => void): autocannon.Request => {
    const { body: _, ...request } = requestOf(step, fixtures, turn)
    if (step !== 'order') return { ...request, onResponse: answered }
    return {
      ...request,
      onResponse: answered,
      setupRequest: (own: autocannon.Request) => {
        orders += 1
        const key = { ...headers, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
        return { ...own, headers: key, body: JSON.stringify(requestOf(step, fixtures, orders).body) }
      },
    }
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
