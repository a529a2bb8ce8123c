// @ts-check
import { h } from './dom.js'
import { hrefOf } from './route.js'
import { commonAxes, runPanel } from './run-panel.js'
import { settingsText } from './runs.js'
import { table } from './table.js'
/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Run } from '../protocol/run-schema.ts' */
/** @import { Lab } from './page.js' */

/**
 * Two runs side by side, with axes that reach equally far, and for one experiment what was measured in both as a table.
 * @param {Lab} lab
 * @param {[Run, Run]} runs
 * @param {AbortSignal} signal
 */
export function compareRuns(lab, runs, signal) {
  const { texts, experiments } = lab
  const highest = commonAxes(runs)
  const [first, second] = runs
  const same = first.experiment === second.experiment
  const experiment = experiments.find(({ id }) => id === first.experiment)
  const columns = runs.map((run, index) => {
    const own = experiments.find(({ id }) => id === run.experiment)
    if (!own) return h('p', {}, texts.t('experiment.unknown', { id: run.experiment }))
    const panel = runPanel(lab, own)
    signal.addEventListener('abort', () => panel.close())
    panel.update(run, { highest, compact: same })
    const title = `${letter(index)} · ${texts.of(own.title)}`
    const link = h('a', { href: hrefOf({ view: 'run', run: run.run_id }) }, title)
    const about = `${texts.moment(run.started_at)} · ${settingsText(run, experiments, texts)}`
    return h('section', { class: 'compared-run' }, h('h2', {}, link), h('p', { class: 'hint' }, about), panel.element)
  })
  return [experiment && same ? together(lab, experiment, runs) : '', h('div', { class: 'side-by-side' }, ...columns)]
}

/** @param {Lab} lab @param {Experiment} experiment @param {Run[]} runs */
function together({ texts }, experiment, runs) {
  const heads = experiment.variants.flatMap(({ label }) =>
    runs.map((_, index) => `${texts.of(label)}\u00a0·\u00a0${letter(index)}`),
  )
  const rows = experiment.figures.map(({ id, label, unit }) => [
    texts.of(label),
    ...experiment.variants.flatMap((variant) =>
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
