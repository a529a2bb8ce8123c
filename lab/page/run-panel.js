// @ts-check
import { h } from './dom.js'
import { exportButtons } from './export.js'
import { figure } from './figure.js'
import { timelineFigure } from './timeline.js'
import { variantStyles } from './variant-styles.js'
import { showVerdict } from './verdict.js'
/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Run } from '../protocol/run-schema.ts' */
/** @import { Lab } from './page.js' */

/**
 * What a run has measured so far, or in the end: the verdict, a plot for each series with all variants in it, and what
 * happened in each variant.
 * @param {Lab} lab
 * @param {Experiment} experiment
 */
export function runPanel({ texts }, experiment) {
  const styles = variantStyles(experiment)
  const verdict = h('div')
  const tools = h('div', { class: 'tools' })
  const plots = new Map(
    experiment.series.map(({ id, label, unit }) => [id, figure({ title: texts.of(label), unit }, texts)]),
  )
  const timelines = new Map(
    experiment.variants.map(({ id, label }) => [
      id,
      timelineFigure({ title: texts.t('timeline.of', { variant: texts.of(label) }), about: id }, texts),
    ]),
  )
  const plotsPlace = h('div', { class: 'figures' })
  const timelinesPlace = h('div', { class: 'figures wide' })
  /** @type {Run | undefined} */
  let ended

  return {
    element: h('div', { class: 'run-panel' }, verdict, tools, plotsPlace, timelinesPlace),

    /**
     * Draws a run; `highest` makes the axes of two runs alike, `compact` leaves out the table of what was compared.
     * @param {Run} run
     * @param {{ highest?: Map<string, { t: number, value: number }>, compact?: boolean }} [options]
     */
    update(run, { highest = commonAxes([run]), compact = false } = {}) {
      for (const { id, shape } of experiment.series) {
        const lines = run.variants.flatMap((variant) => {
          const points = variant.series.find((series) => series.id === id)?.points ?? []
          const label = experiment.variants.find((each) => each.id === variant.id)?.label
          const style = styles.get(variant.id) ?? 0
          return points.length > 0 ? [{ label: label ? texts.of(label) : variant.id, points, shape, style }] : []
        })
        const plot = plots.get(id)
        if (!plot || lines.length === 0) continue
        if (!plot.element.isConnected) plotsPlace.append(plot.element)
        plot.update(lines, highest.get(id))
      }
      const end = Math.max(0, ...run.variants.flatMap(({ timeline }) => timeline.map(({ t }) => t)))
      for (const { id, timeline } of run.variants) {
        const lanes = timelines.get(id)
        if (!lanes || timeline.length === 0) continue
        if (!lanes.element.isConnected) timelinesPlace.append(lanes.element)
        lanes.update(timeline, end)
      }
      if (run.state === 'running' || ended?.run_id === run.run_id) return
      ended = run
      verdict.replaceChildren(showVerdict(run, experiment, texts, compact))
      tools.replaceChildren(...exportButtons(run, experiment, texts, () => [plotsPlace, timelinesPlace]))
    },
    clear() {
      ended = undefined
      for (const place of [verdict, tools, plotsPlace, timelinesPlace]) place.replaceChildren()
    },
    close() {
      for (const each of [...plots.values(), ...timelines.values()]) each.close()
    },
  }
}

/**
 * How far the axes must reach so that all runs fit: values by series, and one time for all, so that what happens at the
 * same time stands below each other.
 * @param {Run[]} runs
 * @returns {Map<string, { t: number, value: number }>}
 */
export function commonAxes(runs) {
  const series = runs.flatMap((run) => run.variants.flatMap((variant) => variant.series))
  const t = Math.max(0, ...series.flatMap(({ points }) => points.map(([time]) => time)))
  const axes = new Map()
  for (const { id, points } of series) {
    const value = Math.max(axes.get(id)?.value ?? 0, ...points.map(([, each]) => each))
    axes.set(id, { t, value })
  }
  return axes
}
