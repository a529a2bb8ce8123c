import type { Settings } from './protocol/experiment-schema.ts'
import type { Run } from './protocol/run-schema.ts'

/** A run that is about to begin. Its id names the experiment and the moment. */
export function newRun(experiment: string, settings: Settings): Run {
  const now = new Date()
  return {
    run_id: `${experiment}-${now.getTime().toString(36)}`,
    experiment,
    settings,
    started_at: now.toISOString(),
    seconds: 0,
    state: 'running',
    variants: [],
  }
}
