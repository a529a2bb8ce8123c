import type { Bench, Figures, Runnable } from './experiment.ts'
import type { Settings } from './protocol/experiment-schema.ts'
import type { Run, RunEvents, VariantResult, Verdict } from './protocol/run-schema.ts'
import { openSandbox } from './sandbox/sandbox.ts'

/** Receives the events of a run, except `done`, which `runExperiment` returns. */
export type Emit = <Name extends Exclude<keyof RunEvents, 'done'>>(name: Name, data: RunEvents[Name]) => void

/** An experiment that takes longer hangs, on any machine. */
const PATIENCE_MS = 5 * 60_000

/**
 * Runs the variants of an experiment one after the other in a sandbox of its own, and compares their figures. Never
 * rejects: a failed run has an `error`.
 * @param run its id, experiment, settings and start
 * @param signal stops it
 */
export async function runExperiment(experiment: Runnable, run: Run, emit: Emit, signal: AbortSignal): Promise<Run> {
  const began = performance.now()
  const elapsed = () => Math.round((performance.now() - began) / 100) / 10
  const ending = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
  const results: VariantResult[] = []
  const soFar = () => ({ ...run, seconds: elapsed(), variants: results })
  try {
    const sandbox = await openSandbox()
    try {
      for (const { id, protected: isProtected } of experiment.about.variants) {
        const progress = () => emit('progress', { variant: id, seconds: elapsed(), of: experiment.about.seconds })
        progress()
        const ticking = setInterval(progress, 1000)
        const result = { id, protected: isProtected, figures: {}, series: emptySeries(experiment), timeline: [] }
        const failing = Promise.withResolvers<never>()
        const beside = <T>(work: Promise<T>) => {
          work.catch(failing.reject)
          return work
        }
        const bench = { sandbox, ...recorder(result, emit), beside, settings: run.settings, signal: ending }
        try {
          const figures = await Promise.race([experiment.run(id, bench), stopped(ending), failing.promise])
          results.push({ ...result, figures: measured(figures) })
        } finally {
          clearInterval(ticking)
          await sandbox.clear()
        }
        emit('variant', results.at(-1) as VariantResult)
      }
    } finally {
      await sandbox.close()
    }
    return { ...soFar(), state: 'done', verdict: judge(experiment, results, run.settings) }
  } catch (error) {
    if (signal.aborted) return { ...soFar(), state: 'stopped' }
    return { ...soFar(), state: 'failed', error: error instanceof Error ? error.message : String(error) }
  }
}

function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new Error('the run was stopped or took too long'))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })
}

const emptySeries = ({ about }: Runnable): VariantResult['series'] =>
  about.series.map((series) => ({ ...series, points: [] }))

/** Records points and events in the result, and emits them. */
function recorder(result: VariantResult, emit: Emit): Pick<Bench, 'begin' | 'seconds' | 'point' | 'event'> {
  const variant = result.id
  let zero = performance.now()
  const seconds = () => Math.round(performance.now() - zero) / 1000
  return {
    begin() {
      zero = performance.now()
    },
    seconds,
    point(series, value, t = seconds()) {
      result.series.find(({ id }) => id === series)?.points.push([t, round(value)])
      emit('point', { variant, series, t, value: round(value) })
    },
    event(who, text) {
      const moment = { t: seconds(), who, text }
      result.timeline.push(moment)
      emit('event', { variant, ...moment })
    },
  }
}

function judge(experiment: Runnable, results: VariantResult[], settings: Settings): Verdict {
  const { holds, text, shown } = experiment.judge(
    Object.fromEntries(results.map(({ id, figures }) => [id, figures])),
    settings,
  )
  const compared = shown.flatMap((id) => {
    const figure = experiment.about.figures.find((known) => known.id === id)
    if (!figure || figure.better === 'neither') return []
    const values = Object.fromEntries(results.map((result) => [result.id, result.figures[id] ?? Number.NaN]))
    return [{ figure: id, label: figure.label, unit: figure.unit, values, better: figure.better }]
  })
  return { holds, text, compared }
}

const round = (value: number) => Math.round(value * 100) / 100

/** @throws when a figure is not a number, since nothing was measured */
function measured(figures: Figures): Figures {
  const missing = Object.keys(figures).find((id) => !Number.isFinite(figures[id]))
  if (missing) throw new Error(`${missing} could not be measured`)
  return Object.fromEntries(Object.entries(figures).map(([id, value]) => [id, round(value)]))
}
