import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { notFound, ProblemError } from '../../src/http/errors.ts'
import type { Logger } from '../../src/log.ts'
import { catalogue } from '../experiments/catalogue.ts'
import type { EventStream } from '../lab-streams.ts'
import { newRun } from '../new-run.ts'
import type { NewRun, Run, RunSummary } from '../protocol/run-schema.ts'
import type { RunnerMessage } from '../runner.ts'
import { completeSettings } from '../settings.ts'
import { keptRuns, summaryOf } from './kept-runs.ts'

/** The run in progress. */
interface Current {
  run: Run
  began: number
  child: ChildProcess
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
      const about = catalogue.find((experiment) => experiment.id === id)
      if (!about) {
        const detail = `must be one of ${catalogue.map((experiment) => experiment.id).join(', ')}`
        throw new ProblemError(422, 'invalid_input', `/experiment ${detail}`, {
          errors: [{ pointer: '/experiment', detail }],
        })
      }
      const run = newRun(id, completeSettings(about, settings))
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
        stop(current)
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
      stop(current)
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
    const child = fork(join(import.meta.dirname, '../runner.ts'), {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    // A promise settles once, so the first end counts: the process disconnects after `done`, too.
    const ended = Promise.withResolvers<Run>()
    const exited = once(child, 'exit').catch(() => {}) // it rejects when the process could not be started
    const over = Promise.all([exited, ended.promise.then((run) => finish(started, run))])
    const started: Current = { run, began: performance.now(), child, told: [], followers: new Set(), over }
    const fail = (error: string) => ended.resolve({ ...soFar(started), state: 'failed', error })
    child.on('message', (message: RunnerMessage) => {
      if (message.name === 'done') ended.resolve(message.data.run)
      else tell(started, message)
    })
    child.on('error', (error) => fail(error.message))
    // Not `exit`, which may precede the last message; nothing follows `disconnect`.
    child.on('disconnect', () => fail('its process ended before the run was done'))
    child.send(run)
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
export type LabRuns = ReturnType<typeof labRuns>

function stop({ child }: Current): void {
  if (child.connected) child.send('stop')
}

/** The run in progress, with the variants that have ended. */
function soFar({ run, began, told }: Current): Run {
  const variants = told.flatMap((message) => (message.name === 'variant' ? [message.data] : []))
  return { ...run, seconds: Math.round((performance.now() - began) / 100) / 10, variants }
}
