// @ts-check
import * as api from './api.js'
/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Run, RunEvents, VariantResult } from '../protocol/run-schema.ts' */

/** @typedef {RunEvents['progress']} Progress */

/**
 * A run as it comes: what it missed first, then each point and moment, until it is done.
 * @param {string} id
 * @param {Experiment} experiment
 * @param {{ change(run: Run, progress: Progress | undefined): void, lost(error: unknown): void, signal: AbortSignal }} options
 */
export function followRun(id, experiment, { change, lost, signal }) {
  const source = new EventSource(`/lab/runs/${encodeURIComponent(id)}/events`)
  /** @type {Run} */
  let run = emptyRun(id, experiment.id)
  /** @type {Progress | undefined} */
  let progress
  let asked = 0

  const changed = () => {
    if (asked) return
    asked = requestAnimationFrame(() => {
      asked = 0
      if (!signal.aborted) change(run, progress)
    })
  }
  /** @template {keyof RunEvents} K @param {K} name @param {(event: RunEvents[K]) => void} take */
  const on = (name, take) =>
    source.addEventListener(name, ({ data }) => {
      take(JSON.parse(data))
      changed()
    })

  // The stream begins anew with each connection, and tells everything from the start.
  source.onopen = () => {
    run = emptyRun(id, experiment.id)
  }
  source.onerror = async () => {
    if (source.readyState !== EventSource.CLOSED || signal.aborted) return
    await api
      .run(id)
      .then((ended) => (ended.state === 'running' ? lost(new Error('no stream')) : change(ended, undefined)), lost)
  }
  on('progress', (event) => {
    progress = event
    run.seconds = event.seconds
    variantOf(run, experiment, event.variant)
  })
  on('point', ({ variant, series, t, value }) => {
    const found = variantOf(run, experiment, variant).series.find((each) => each.id === series)
    found?.points.push([t, value])
  })
  on('event', ({ variant, ...moment }) => variantOf(run, experiment, variant).timeline.push(moment))
  on('variant', (result) => {
    run.variants = run.variants.map((variant) => (variant.id === result.id ? result : variant))
  })
  on('done', (event) => {
    run = event.run
    progress = undefined
    source.close()
  })
  signal.addEventListener('abort', () => source.close())
}

/** @param {string} run_id @param {string} experiment @returns {Run} */
function emptyRun(run_id, experiment) {
  const started_at = new Date().toISOString()
  return { run_id, experiment, settings: {}, started_at, seconds: 0, state: 'running', variants: [] }
}

/** The variant that an event is about; its first event makes it. @param {Run} run @param {Experiment} experiment @param {string} id @returns {VariantResult} */
function variantOf(run, experiment, id) {
  const known = run.variants.find((variant) => variant.id === id)
  if (known) return known
  const about = experiment.variants.find((variant) => variant.id === id)
  const series = experiment.series.map((each) => ({ ...each, points: [] }))
  const variant = { id, protected: about?.protected ?? false, figures: {}, series, timeline: [] }
  run.variants.push(variant)
  return variant
}
