import { Counter, Histogram } from 'prom-client'
import type { JobObserver } from '../../orders/order-worker.ts'
import type { Registry } from './registry.ts'

/** What a worker reports of the orders it processes. */
export function observeJobs(registry: Registry): JobObserver {
  const registers = [registry]
  const runs = new Histogram({
    name: 'shop_job_duration_seconds',
    help: 'Time of one run of an order: succeeded, rejected, error (tried again until its attempts are used up), or postponed (the database was away; costs no attempt).',
    labelNames: ['result'],
    buckets: [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  const ended = new Counter({
    name: 'shop_jobs_ended_total',
    help: 'Orders that came to their end: succeeded, rejected, or failed (a dead letter). A job that is delivered twice counts twice.',
    labelNames: ['outcome'],
    registers,
  })
  const attempts = new Histogram({
    name: 'shop_job_attempts',
    help: 'Attempts that orders had taken when they ended.',
    buckets: [1, 2, 3, 5, 10, 20],
    registers,
  })
  const latency = new Histogram({
    name: 'shop_job_latency_seconds',
    help: 'Time from the acceptance of an order to its end.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
    registers,
  })
  for (const outcome of ['succeeded', 'rejected', 'failed']) ended.inc({ outcome }, 0)

  return {
    ran(result, ms) {
      runs.observe({ result }, ms / 1000)
    },
    ended(outcome, facts) {
      ended.inc({ outcome })
      attempts.observe(facts.attempts)
      latency.observe(Math.max(0, Date.now() - facts.accepted_at.getTime()) / 1000)
    },
  }
}
