// @ts-check
import { html } from 'htm/preact'
import { useRef } from 'preact/hooks'
import { ExportButtons } from './export.js'
import { Figure } from './figure.js'
import { useLab } from './lab-context.js'
import { Timeline } from './timeline.js'
import { variantStyles } from './variant-styles.js'
import { showVerdict } from './verdict.js'

/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Run } from '../protocol/run-schema.ts' */

/** How far the axes reach at least, by series. @typedef {Map<string, { t: number, value: number }>} Axes */

/**
 * The measurements of a run so far, or in the end: the verdict, a plot of each series with all variants, and what happened
 * in each variant.
 * @param {{ run: Run, experiment: Experiment, axes?: Axes, compact?: boolean }} properties `compact`: without the table of
 *   the verdict
 */
export function RunPanel({ run, experiment, axes = commonAxes([run]), compact = false }) {
  const { texts } = useLab()
  const panel = useRef(/** @type {HTMLElement | null} */ (null))
  const styles = variantStyles(experiment)
  const labelOf = (/** @type {string} */ id) => {
    const label = experiment.variants.find((variant) => variant.id === id)?.label
    return label ? texts.of(label) : id
  }
  const plots = experiment.series.map(({ id, label, unit, shape }) => {
    const lines = run.variants.flatMap((variant) => {
      const points = variant.series.find((series) => series.id === id)?.points ?? []
      return points.length > 0
        ? [{ label: labelOf(variant.id), points, shape, style: styles.get(variant.id) ?? 0 }]
        : []
    })
    if (lines.length === 0) return null
    return html`<${Figure} key=${id} ...${{ title: texts.of(label), unit, lines, highest: axes.get(id) }} />`
  })
  const end = Math.max(0, ...run.variants.flatMap(({ timeline }) => timeline.map(({ t }) => t)))
  const timelines = run.variants.map(({ id, timeline }) => {
    const title = texts.t('timeline.of', { variant: labelOf(id) })
    return timeline.length > 0 && html`<${Timeline} key=${id} ...${{ title, moments: [...timeline], seconds: end }} />`
  })
  return html`
    <div class="run-panel" ref=${panel}>
      ${
        run.state !== 'running' &&
        html`
          ${showVerdict(run, experiment, texts, compact)}
          <div class="tools"><${ExportButtons} run=${run} experiment=${experiment} panel=${panel} /></div>`
      }
      <div class="figures">${plots}</div>
      <div class="figures wide">${timelines}</div>
    </div>`
}

/**
 * How far the axes must reach so that all runs fit: a value for each series, and one time for all of them.
 * @param {Run[]} runs
 * @returns {Axes}
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
