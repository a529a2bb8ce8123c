// @ts-check
import * as api from './api.js'
/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Run, RunEvents, VariantResult } from '../protocol/run-schema.ts' */

/** @typedef {RunEvents['progress']} Progress */

/**
 * Follows a run from its start until it is done. Returns a function that ends it earlier.
 * @param {string} id
 * @param {Experiment} experiment
 * @param {{ change(run: Run, progress: Progress | undefined): void, lost(error: unknown): void }} callbacks
 */
export function followRun(id, experiment, { change, lost }) {
  const source = new EventSource(`/lab/runs/${encodeURIComponent(id)}/events`)
  /** @type {Run} */
  let run = emptyRun(id, experiment.id)
  /** @type {Progress | undefined} */
  let progress
  let frame = 0
  let left = false

  const changed = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0
      change({ ...run }, progress)
    })
  }
  /** @template {keyof RunEvents} K @param {K} name @param {(event: RunEvents[K]) => void} take */
  const on = (name, take) =>
    source.addEventListener(name, ({ data }) => {
      take(JSON.parse(data))
      changed()
    })

  // Each connection sends everything from the start.
  source.onopen = () => {
    run = emptyRun(id, experiment.id)
  }
  source.onerror = async () => {
    if (source.readyState !== EventSource.CLOSED || left) return
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
  return () => {
    left = true
    cancelAnimationFrame(frame)
    source.close()
  }
}

/** @param {string} run_id @param {string} experiment @returns {Run} */
function emptyRun(run_id, experiment) {
  const started_at = new Date().toISOString()
  return { run_id, experiment, settings: {}, started_at, seconds: 0, state: 'running', variants: [] }
}

/** The variant of an event; the first event adds it. @param {Run} run @param {Experiment} experiment @param {string} id @returns {VariantResult} */
function variantOf(run, experiment, id) {
  const known = run.variants.find((variant) => variant.id === id)
  if (known) return known
  const about = experiment.variants.find((variant) => variant.id === id)
  const series = experiment.series.map((each) => ({ ...each, points: [] }))
  const variant = { id, protected: about?.protected ?? false, figures: {}, series, timeline: [] }
  run.variants.push(variant)
  return variant
}
