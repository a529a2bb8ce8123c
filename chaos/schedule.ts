import { between, pick, type Random, randomFrom, weighted } from './random.ts'

/** One disturbance: a SIGKILL with a restart after `downMs`, or a SIGSTOP with a SIGCONT after it. */
export interface Disturbance {
  /** Milliseconds after the clients began. */
  atMs: number
  victim: string
  action: 'kill' | 'freeze'
  downMs: number
}

/**
 * Which part is hit when. It follows from the seed alone, so that a run can be had again; what the parts were doing at
 * that moment is up to the machine.
 *
 * Processes of the shop are hit more often than the stores, as there are more of them. A frozen worker of more than five
 * seconds has lost its jobs to others and does not know it: the case that only an idempotent worker survives.
 */
export function planDisturbances(options: {
  seed: number
  seconds: number
  /** Seconds between two disturbances, on average. */
  every: number
  apis: number
  workers: number
}): Disturbance[] {
  const { seed, seconds, every, apis, workers } = options
  const random = randomFrom(seed)
  const plan: Disturbance[] = []
  const gap = () => every * 1000 * (0.5 + random())
  for (let atMs = gap(); atMs < seconds * 1000 - 500; atMs += gap()) {
    const kind = weighted(random, { worker: 35, api: 35, redis: 15, postgres: 15 })
    const victim =
      kind === 'worker'
        ? `worker-${between(random, 1, workers)}`
        : kind === 'api'
          ? `api-${between(random, 1, apis)}`
          : kind
    const action = weighted(random, { kill: 88, freeze: 12 })
    plan.push({ atMs: Math.round(atMs), victim, action, downMs: down(random, kind, action) })
  }
  return plan
}

function down(random: Random, kind: string, action: Disturbance['action']): number {
  if (action === 'kill') return between(random, 0, 1200)
  return kind === 'worker' ? pick(random, [1500, 8000]) : between(random, 500, 2000)
}
