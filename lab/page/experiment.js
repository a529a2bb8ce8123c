// @ts-check
import * as api from './api.js'
import { h } from './dom.js'
import { hrefOf } from './route.js'
import { runForm } from './run-form.js'
import { runPanel } from './run-panel.js'
import { runsList } from './runs.js'
import { aboutExperiment } from './why.js'

/** @import { Lab, View } from './page.js' */

/**
 * One experiment: its hypothesis, its settings, the button that runs it, what is measured as it comes, and why.
 * @param {Lab} lab
 * @param {{ experiment: string, settings: Record<string, string> }} route
 * @param {AbortSignal} signal
 * @returns {View}
 */
export function experimentView(lab, route, signal) {
  const { texts, parts } = lab
  const experiment = lab.experiments.find(({ id }) => id === route.experiment)
  if (!experiment) return unknown(lab, route.experiment)

  const kept = h('section', { class: 'kept' })
  const panel = runPanel(lab, experiment)
  signal.addEventListener('abort', () => panel.close())
  const form = runForm(lab, experiment, route.settings, {
    started: panel.clear,
    change: panel.update,
    ended: () => void showKept(),
    signal,
  })

  /** Shows the runs of this experiment that are kept. @returns {Promise<string | undefined>} the id of the one under way */
  async function showKept() {
    const runs = (await api.runs()).filter((run) => run.experiment === route.experiment)
    const ended = runs.filter(({ state }) => state !== 'running')
    kept.replaceChildren(
      h('h2', {}, texts.t('runs.of_experiment')),
      ended.length > 0 ? runsList(lab, ended, showKept) : h('p', { class: 'hint' }, texts.t('runs.none')),
    )
    return runs.find(({ state }) => state === 'running')?.run_id
  }
  showKept().then(
    (running) => running && !signal.aborted && form.follow(running),
    (error) => kept.replaceChildren(texts.t('failed', { error: error.message })),
  )

  const partLinks = experiment.parts.map((part) => {
    const title = parts.find((each) => each.part === part)?.title
    return h('li', {}, h('a', { href: hrefOf({ view: 'system', part }) }, title ? texts.of(title) : part))
  })
  return {
    title: texts.of(experiment.title),
    element: h(
      'div',
      { class: 'view' },
      h('h1', { tabindex: '-1' }, texts.of(experiment.title)),
      h('p', { class: 'lead' }, h('strong', {}, texts.t('hypothesis')), ' ', texts.of(experiment.hypothesis)),
      h('ul', { class: 'tags', 'aria-label': texts.t('experiment.parts') }, ...partLinks),
      h('div', { class: 'workbench' }, form.element, panel.element),
      aboutExperiment(experiment, texts),
      kept,
    ),
  }
}

/** @param {Lab} lab @param {string} id @returns {View} */
function unknown({ texts }, id) {
  const title = texts.t('experiment.unknown', { id })
  const back = h('a', { href: hrefOf({ view: 'experiments' }) }, texts.t('nav.experiments'))
  return { title, element: h('div', { class: 'view' }, h('h1', { tabindex: '-1' }, title), h('p', {}, back)) }
}
