// @ts-check
import * as api from './api.js'
import { h } from './dom.js'
import { hrefOf } from './route.js'
import { followRun } from './run-events.js'
import { runPanel } from './run-panel.js'
import { runsList } from './runs.js'
import { settingsForm } from './settings-form.js'
import { aboutExperiment } from './why.js'
/** @import { Run } from '../protocol.ts' */
/** @import { Lab, View } from './main.js' */
/** @import { Progress } from './run-events.js' */

/**
 * One experiment: its hypothesis, its settings, the button that runs it, what is measured as it comes, and why.
 * @param {Lab} lab
 * @param {{ experiment: string, settings: Record<string, string> }} route
 * @param {AbortSignal} signal
 * @returns {View}
 */
export function experimentView(lab, route, signal) {
  const { texts, go } = lab
  const experiment = lab.experiments.find(({ id }) => id === route.experiment)
  if (!experiment) return unknown(lab, route.experiment)

  const form = settingsForm(experiment.settings, route.settings, texts)
  const run = h('button', { id: 'run', class: 'primary', type: 'submit' }, texts.t('run.start'))
  const stop = h('button', { id: 'stop', type: 'button', hidden: true }, texts.t('run.stop'))
  const bar = h('progress', { max: experiment.seconds, value: 0, 'aria-label': texts.t('run.progress') })
  const status = h('p', { id: 'run-status', class: 'run-status', role: 'status' })
  const progressPlace = h('div', { class: 'progress', hidden: true }, bar)
  const panel = runPanel(lab, experiment)
  const kept = h('section', { class: 'kept' })
  signal.addEventListener('abort', () => panel.close())

  const formElement = h(
    'form',
    { class: 'setup', 'aria-label': texts.t('settings') },
    h('h2', {}, texts.t('settings')),
    ...form.elements,
    h('p', { class: 'hint' }, texts.t('settings.address')),
    h('div', { class: 'buttons' }, run, stop),
    progressPlace,
    status,
  )
  formElement.addEventListener('change', () => {
    const settings = Object.fromEntries(Object.entries(form.values()).map(([name, value]) => [name, String(value)]))
    go({ view: 'experiment', experiment: experiment.id, settings }, { replace: true })
  })
  formElement.addEventListener('submit', (event) => {
    event.preventDefault()
    if (run.getAttribute('aria-disabled') !== 'true') void start()
  })

  async function start() {
    busy(true)
    panel.clear()
    status.textContent = texts.t('run.starting')
    try {
      const { run_id } = await api.start(route.experiment, form.values())
      follow(run_id)
    } catch (error) {
      busy(false)
      await refused(error)
    }
  }

  /** @param {string} id */
  function follow(id) {
    busy(true)
    stop.onclick = () => void api.remove(id).catch(failed)
    if (experiment) followRun(id, experiment, { change, lost: failed, signal })
  }

  /** @param {Run} current @param {Progress | undefined} progress */
  function change(current, progress) {
    panel.update(current)
    if (current.state === 'running') {
      if (!progress) return
      const variant = experiment?.variants.find(({ id }) => id === progress.variant)
      bar.max = Math.max(progress.of, progress.seconds)
      bar.value = progress.seconds
      // Said once for each variant, not each second: a screen reader reads it out.
      const text = texts.t('run.variant', { variant: variant ? texts.of(variant.label) : progress.variant })
      if (status.textContent !== text) status.textContent = text
      return
    }
    busy(false)
    status.replaceChildren(
      texts.t(`run.${current.state}`, { seconds: Math.round(current.seconds) }),
      ' ',
      h('a', { href: hrefOf({ view: 'run', run: current.run_id }) }, texts.t('run.kept')),
    )
    void showKept()
  }

  /** @param {boolean} now */
  function busy(now) {
    run.setAttribute('aria-disabled', String(now))
    stop.hidden = !now
    progressPlace.hidden = !now
    if (!now && document.activeElement === stop) run.focus()
  }
  /** @param {unknown} error */
  function failed(error) {
    busy(false)
    status.textContent = texts.t('failed', { error: error instanceof Error ? error.message : String(error) })
  }
  /** @param {unknown} error */
  async function refused(error) {
    if (!(error instanceof api.Refused) || error.code !== 'run_in_progress') return failed(error)
    const [other] = await api.runs()
    if (!other) return failed(error)
    const title = lab.experiments.find(({ id }) => id === other.experiment)?.title
    const link = h('a', { href: hrefOf({ view: 'run', run: other.run_id }) }, title ? texts.of(title) : other.run_id)
    status.replaceChildren(texts.t('run.other'), ' ', link)
  }
  /** Shows the runs of this experiment that are kept, and follows the one under way. */
  async function showKept() {
    const runs = (await api.runs()).filter((each) => each.experiment === route.experiment)
    if (signal.aborted) return undefined
    const ended = runs.filter(({ state }) => state !== 'running')
    kept.replaceChildren(
      h('h2', {}, texts.t('runs.of_experiment')),
      ended.length > 0 ? runsList(lab, ended, showKept) : h('p', { class: 'hint' }, texts.t('runs.none')),
    )
    return runs.find(({ state }) => state === 'running')
  }
  void showKept().then((running) => running && follow(running.run_id), failed)

  const partLinks = experiment.parts.map((part) => {
    const title = lab.parts.find((each) => each.part === part)?.title
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
      h('div', { class: 'workbench' }, formElement, panel.element),
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
