// @ts-check
import { html } from 'htm/preact'
import { hrefOf } from './route.js'
import { commonAxes, RunPanel } from './run-panel.js'
import { settingsText } from './runs.js'
import { table } from './table.js'

/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Run } from '../protocol/run-schema.ts' */
/** @import { Lab } from './lab-context.js' */
/** @import { Texts } from './texts.js' */

/**
 * Two runs side by side on the same axes, and for one experiment the figures of both as a table.
 * @param {[Run, Run]} runs
 * @param {Pick<Lab, 'texts' | 'experiments'>} lab
 */
export function compareRuns(runs, { texts, experiments }) {
  const axes = commonAxes(runs)
  const aboutOf = (/** @type {Run} */ run) => experiments.find(({ id }) => id === run.experiment)
  const [experiment, other] = runs.map(aboutOf)
  const compact = experiment === other
  const columns = runs.map((run, index) => {
    const about = aboutOf(run)
    if (!about) return html`<p>${texts.t('experiment.unknown', { id: run.experiment })}</p>`
    return html`
      <section class="compared-run">
        <h2><a href=${hrefOf({ view: 'run', run: run.run_id })}>${letter(index)} · ${texts.of(about.title)}</a></h2>
        <p class="hint">${texts.moment(run.started_at)} · ${settingsText(run, experiments, texts)}</p>
        <${RunPanel} ...${{ run, experiment: about, axes, compact }} />
      </section>`
  })
  return html`
    ${experiment && compact && figuresOfBoth(experiment, runs, texts)}
    <div class="side-by-side">${columns}</div>`
}

/** @param {Experiment} experiment @param {Run[]} runs @param {Texts} texts */
function figuresOfBoth({ variants, figures }, runs, texts) {
  const heads = variants.flatMap(({ label }) =>
    runs.map((_, index) => `${texts.of(label)}\u00a0·\u00a0${letter(index)}`),
  )
  const rows = figures.map(({ id, label, unit }) => [
    texts.of(label),
    ...variants.flatMap((variant) =>
      runs.map((run) => {
        const measured = run.variants.find((each) => each.id === variant.id)
        return texts.quantity(measured?.figures[id], unit)
      }),
    ),
  ])
  const caption = texts.t('compare.figures')
  return table({ id: 'both', stacks: true, caption, columns: [texts.t('verdict.figure'), ...heads], rows })
}

/** @param {number} index */
const letter = (index) => (index === 0 ? 'A' : 'B')
