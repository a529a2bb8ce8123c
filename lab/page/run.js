// @ts-check
import * as api from './api.js'
import { compareRuns } from './compare.js'
import { h } from './dom.js'
import { hrefOf } from './route.js'
import { followRun } from './run-events.js'
import { runPanel } from './run-panel.js'
import { settingsText } from './runs.js'
/** @import { Run, RunSummary } from '../protocol/run-schema.ts' */
/** @import { Lab, View } from './page.js' */

/**
 * A kept run, or two of them compared.
 * @param {Lab} lab
 * @param {{ run: string, with?: string }} route
 * @param {AbortSignal} signal
 * @returns {View}
 */
export function runView(lab, route, signal) {
  const { texts } = lab
  const heading = h('h1', { tabindex: '-1' }, texts.t(route.with ? 'compare.title' : 'run.title'))
  const place = h('div', { class: 'view' }, h('p', { class: 'hint' }, texts.t('loading')))
  const ids = [route.run, ...(route.with ? [route.with] : [])]
  Promise.all([api.runs(), ...ids.map(api.run)])
    .then(([runs, run, other]) => {
      if (!run || signal.aborted) return
      place.replaceChildren(...(other ? compareRuns(lab, [run, other], signal) : one(run, runs)))
    })
    .catch((error) => place.replaceChildren(texts.t('failed', { error: error.message })))
  return { title: heading.textContent ?? '', element: h('div', { class: 'view' }, heading, place) }

  /** @param {Run} run @param {RunSummary[]} runs */
  function one(run, runs) {
    const experiment = lab.experiments.find(({ id }) => id === run.experiment)
    if (!experiment) return [h('p', {}, texts.t('experiment.unknown', { id: run.experiment }))]
    const settings = Object.fromEntries(Object.entries(run.settings).map(([name, value]) => [name, String(value)]))
    const again = hrefOf({ view: 'experiment', experiment: run.experiment, settings })
    const panel = runPanel(lab, experiment)
    signal.addEventListener('abort', () => panel.close())
    panel.update(run)
    if (run.state === 'running') {
      const lost = () => {}
      followRun(run.run_id, experiment, { change: (current) => panel.update(current), lost, signal })
    }
    heading.textContent = texts.of(experiment.title)
    const others = runs.filter(({ run_id, state }) => run_id !== run.run_id && state !== 'running')
    return [
      h('p', { class: 'lead' }, texts.moment(run.started_at), ' · ', settingsText(run, lab.experiments, texts)),
      h('p', {}, h('a', { href: again }, texts.t('run.again'))),
      others.length > 0 ? comparison(lab, run, others) : '',
      panel.element,
    ]
  }
}

/** A choice of another run to compare with; those of the same experiment first. @param {Lab} lab @param {Run} run @param {RunSummary[]} others */
function comparison({ texts, experiments, go }, run, others) {
  const same = others.filter(({ experiment }) => experiment === run.experiment)
  const different = others.filter(({ experiment }) => experiment !== run.experiment)
  const options = [...same, ...different].map((other) => {
    const { run_id, experiment, started_at } = other
    const title = experiments.find(({ id }) => id === experiment)?.title
    const name = title ? texts.of(title) : experiment
    return h(
      'option',
      { value: run_id },
      `${name}, ${texts.moment(started_at)}, ${settingsText(other, experiments, texts)}`,
    )
  })
  const choice = h('select', { id: 'compare-with' }, ...options)
  const compare = () => go({ view: 'run', run: run.run_id, with: choice.value })
  return h(
    'div',
    { class: 'field comparison' },
    h('label', { for: 'compare-with' }, texts.t('compare.with')),
    choice,
    h('button', { type: 'button', class: 'compare', onclick: compare }, texts.t('compare')),
  )
}
