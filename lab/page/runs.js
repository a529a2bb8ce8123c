// @ts-check
import * as api from './api.js'
import { h } from './dom.js'
import { hrefOf } from './route.js'
import { table } from './table.js'
/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Run, RunSummary } from '../protocol/run-schema.ts' */
/** @import { Lab, View } from './page.js' */
/** @import { Texts } from './texts.js' */

/** All kept runs. @param {Lab} lab @returns {View} */
export function runsView(lab) {
  const { texts } = lab
  const place = h('div', {}, h('p', { class: 'hint' }, texts.t('loading')))
  const load = async () => {
    const runs = await api.runs()
    const none = h('p', { class: 'hint' }, texts.t('runs.none'))
    place.replaceChildren(runs.length > 0 ? runsList(lab, runs, load) : none)
  }
  load().catch((error) => place.replaceChildren(texts.t('failed', { error: error.message })))
  return {
    title: texts.t('runs.title'),
    element: h(
      'div',
      { class: 'view' },
      h('h1', { tabindex: '-1' }, texts.t('runs.title')),
      h('p', { class: 'lead' }, texts.t('runs.lead')),
      place,
    ),
  }
}

/**
 * Runs to open, to compare two of, or to forget.
 * @param {Lab} lab
 * @param {RunSummary[]} runs
 * @param {() => Promise<unknown>} reload after one was forgotten
 */
export function runsList({ texts, experiments, go }, runs, reload) {
  /** @type {string[]} the ids of those chosen, the last chosen last */
  let chosen = []
  const boxes = runs.map(({ run_id, experiment, started_at }) => {
    const name = texts.t('runs.choose', { title: titleOf(experiment), time: texts.moment(started_at) })
    return h('input', { type: 'checkbox', value: run_id, 'aria-label': name, onchange: choose })
  })
  const compare = h('button', { type: 'button', class: 'compare', onclick: toCompare }, texts.t('runs.compare'))
  const rows = runs.map((run, index) => {
    const { run_id, experiment, started_at, seconds, state, verdict } = run
    const link = h('a', { href: hrefOf({ view: 'run', run: run_id }) }, titleOf(experiment))
    const about = { title: titleOf(experiment), time: texts.moment(started_at) }
    const forget = h(
      'button',
      { type: 'button', class: 'quiet', 'aria-label': texts.t('runs.forget_this', about) },
      '✕',
    )
    forget.addEventListener('click', () => void api.remove(run_id).then(reload))
    const outcome = verdict ? texts.t(verdict.holds ? 'verdict.holds' : 'verdict.fails') : texts.t(`run.state.${state}`)
    const took = texts.t('runs.took', { seconds: Math.round(seconds) })
    return [
      lines(link, `${texts.moment(started_at)}, ${took}`, settingsText(run, experiments, texts)),
      h('span', { class: verdict?.holds ? 'outcome holds' : 'outcome' }, outcome),
      boxes[index] ?? '',
      forget,
    ]
  })
  /** @type {import('./texts.js').Key[]} */
  const columns = ['runs.experiment', 'runs.outcome', 'runs.pick', 'runs.forget']
  const titles = columns.map((key) => texts.t(key))
  markChosen()
  return h(
    'div',
    { class: 'runs' },
    table({ caption: texts.t('runs.title'), columns: titles, rows, numbers: false, captionHidden: true, stacks: true }),
    h('p', { class: 'buttons' }, compare),
  )

  /** @param {string} id */
  function titleOf(id) {
    const title = experiments.find((experiment) => experiment.id === id)?.title
    return title ? texts.of(title) : id
  }
  /** Two at most: a third takes the place of the first. @param {Event} event */
  function choose({ target }) {
    const { value, checked } = /** @type {HTMLInputElement} */ (target)
    chosen = checked ? [...chosen, value].slice(-2) : chosen.filter((id) => id !== value)
    markChosen()
  }
  function markChosen() {
    for (const box of boxes) box.checked = chosen.includes(box.value)
    compare.setAttribute('aria-disabled', String(chosen.length !== 2))
  }
  function toCompare() {
    const [run, other] = chosen
    if (run && other) go({ view: 'run', run, with: other })
  }
}

/** @param {Node} first @param {...string} rest */
const lines = (first, ...rest) => h('div', {}, first, ...rest.map((text) => h('span', { class: 'below' }, text)))

/**
 * The settings of a run in a line, by the names that the experiment gives them.
 * @param {RunSummary | Run} run
 * @param {Experiment[]} experiments
 * @param {Texts} texts
 */
export function settingsText({ experiment, settings }, experiments, texts) {
  const known = experiments.find(({ id }) => id === experiment)?.settings ?? []
  return Object.entries(settings)
    .map(([name, value]) => {
      const setting = known.find((each) => each.name === name)
      const label = setting ? texts.of(setting.label) : name
      const said = typeof value === 'number' ? texts.quantity(value, setting?.unit) : value
      return `${label}:\u00a0${said}`
    })
    .join(' · ')
}
