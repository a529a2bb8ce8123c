import { notFound, ProblemError } from '../../src/http/errors.ts'
import type { Logger } from '../../src/log.ts'
import { catalogue } from '../experiments/catalogue.ts'
import type { EventStream } from '../lab-streams.ts'
import { newRun } from '../new-run.ts'
import type { Experiment } from '../protocol/experiment-schema.ts'
import type { NewRun, Run, RunSummary } from '../protocol/run-schema.ts'
import type { RunnerMessage } from '../runner.ts'
import { completeSettings } from '../settings.ts'
import { keptRuns, summaryOf } from './kept-runs.ts'
import { forkRun } from './run-process.ts'

/** The run in progress. */
interface Current {
  run: Run
  began: number
  stop(): void
  /** Its events so far, for followers that join later. */
  told: RunnerMessage[]
  followers: Set<EventStream>
  /** Resolves once its process has exited and the run is kept. */
  over: Promise<unknown>
}

/** The runs of a shop's lab: one at a time, each in a process of its own. */
export function labRuns({ folder, log }: { folder: string; log: Logger }) {
  const kept = keptRuns(folder, log)
  let current: Current | undefined

  return {
    /** @throws ProblemError 409 while another run is in progress, 422 for an unknown experiment or a wrong setting */
    start({ experiment: id, settings }: NewRun): Run {
      const run = newRun(id, completeSettings(findExperiment(id), settings))
      if (current) {
        const { run_id } = current.run
        throw new ProblemError(409, 'run_in_progress', `The run ${run_id} is in progress: wait for it or stop it.`, {
          headers: { location: `/lab/runs/${run_id}` },
        })
      }
      current = launch(run)
      return run
    },

    async list(): Promise<RunSummary[]> {
      return [...(current ? [summaryOf(soFar(current))] : []), ...(await kept.list())]
    },

    find,

    /**
     * Stops the run in progress, which is kept as far as it came; removes any other.
     * @throws ProblemError 404
     */
    async remove(run_id: string): Promise<'stopping' | 'forgotten'> {
      if (current?.run.run_id === run_id) {
        current.stop()
        return 'stopping'
      }
      if (!(await kept.forget(run_id))) throw notFound('run', run_id)
      return 'forgotten'
    },

    /** Sends a stream the past and future events of a run. @throws ProblemError 404 */
    async follow(run_id: string): Promise<(stream: EventStream) => () => void> {
      const run = await find(run_id)
      return (stream) => {
        // The run may have ended since it was looked up; then its events are gone and `done` is enough.
        if (current?.run.run_id === run_id) {
          const { told, followers } = current
          for (const { name, data } of told) stream.send(name, data)
          followers.add(stream)
          return () => followers.delete(stream)
        }
        stream.send('done', { run })
        stream.end()
        return () => {}
      }
    },

    /** Stops the run in progress and waits until it is kept and its process has exited. */
    async close(): Promise<void> {
      if (!current) return
      const { over } = current
      current.stop()
      await over
    },
  }

  async function find(run_id: string): Promise<Run> {
    if (current?.run.run_id === run_id) return soFar(current)
    const run = await kept.find(run_id)
    if (!run) throw notFound('run', run_id)
    return run
  }

  function launch(run: Run): Current {
    const { ended, exited, stop } = forkRun(run, (event) => tell(started, event))
    const finished = ended
      .catch((error: Error): Run => ({ ...soFar(started), state: 'failed', error: error.message }))
      .then((result) => finish(started, result))
    const over = Promise.all([exited, finished])
    const started: Current = { run, began: performance.now(), stop, told: [], followers: new Set(), over }
    log.info({ run_id: run.run_id, settings: run.settings }, 'the lab runs an experiment')
    return started
  }

  function tell({ told, followers }: Current, message: RunnerMessage): void {
    // A late follower needs only the last progress.
    const before = message.name === 'progress' ? told.findIndex(({ name }) => name === 'progress') : -1
    if (before >= 0) told.splice(before, 1)
    told.push(message)
    for (const { send } of followers) send(message.name, message.data)
  }

  async function finish(ended: Current, run: Run): Promise<void> {
    log.info({ run_id: run.run_id, state: run.state, holds: run.verdict?.holds }, 'the lab’s experiment has ended')
    await kept.keep(run).catch((err) => log.warn({ err }, 'a run of the lab could not be kept'))
    current = undefined
    for (const { send, end } of ended.followers) {
      send('done', { run })
      end()
    }
  }
}

function findExperiment(id: string): Experiment {
  const found = catalogue.find((experiment) => experiment.id === id)
  if (found) return found
  const detail = `must be one of ${catalogue.map((experiment) => experiment.id).join(', ')}`
  throw new ProblemError(422, 'invalid_input', `/experiment ${detail}`, {
    errors: [{ pointer: '/experiment', detail }],
  })
}

export type LabRuns = ReturnType<typeof labRuns>

/** The run in progress, with the variants that have ended. */
function soFar({ run, began, told }: Current): Run {
  const variants = told.flatMap((message) => (message.name === 'variant' ? [message.data] : []))
  return { ...run, seconds: Math.round((performance.now() - began) / 100) / 10, variants }
}
