// @ts-check
import { html } from 'htm/preact'
import { useState } from 'preact/hooks'
import * as api from './api.js'
import { useLab } from './lab-context.js'
import { hrefOf } from './route.js'
import { table } from './table.js'
import { useAnswer } from './use-answer.js'
import { View } from './view.js'

/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Run, RunSummary } from '../protocol/run-schema.ts' */
/** @import { Key, Texts } from './texts.js' */

/** All kept runs. */
export function RunsView() {
  const { texts } = useLab()
  const { value: runs, error, load } = useAnswer(api.runs)
  const isEmpty = runs?.length === 0
  return html`
    <${View} title=${texts.t('runs.title')}>
      <p class="lead">${texts.t('runs.lead')}</p>
      ${
        runs && !isEmpty
          ? html`<${RunsList} runs=${runs} reload=${load} />`
          : html`<p class="hint">${isEmpty ? texts.t('runs.none') : texts.waiting(error)}</p>`
      }
    <//>`
}

/**
 * Runs to open, to compare two of, or to remove.
 * @param {{ runs: RunSummary[], reload: () => Promise<unknown> }} properties
 */
export function RunsList({ runs, reload }) {
  const { texts, experiments, go } = useLab()
  const { t } = texts
  const [chosen, setChosen] = useState(/** @type {string[]} */ ([]))
  const rows = runs.map((run) => {
    const { run_id, experiment, started_at, seconds, state, verdict } = run
    const about = { title: titleOf(experiment, experiments, texts), time: texts.moment(started_at) }
    const took = t('runs.took', { seconds: Math.round(seconds) })
    return [
      html`
        <a href=${hrefOf({ view: 'run', run: run_id })}>${about.title}</a>
        <span class="below">${about.time}, ${took}</span>
        <span class="below">${settingsText(run, experiments, texts)}</span>`,
      html`<span class=${verdict?.holds ? 'outcome holds' : 'outcome'}>
        ${verdict ? t(verdict.holds ? 'verdict.holds' : 'verdict.fails') : t(`run.state.${state}`)}
      </span>`,
      html`<input type="checkbox" aria-label=${t('runs.choose', about)} checked=${chosen.includes(run_id)}
        onChange=${() => choose(run_id)} />`,
      html`<button type="button" class="quiet" aria-label=${t('runs.forget_this', about)}
        onClick=${() => api.remove(run_id).then(reload)}>✕</button>`,
    ]
  })
  const columns = /** @type {Key[]} */ (['runs.experiment', 'runs.outcome', 'runs.pick', 'runs.forget']).map((key) =>
    t(key),
  )
  return html`
    <div class="runs">
      ${table({ caption: t('runs.title'), columns, rows, numbers: false, captionHidden: true, stacks: true })}
      <p class="buttons">
        <button type="button" class="compare" aria-disabled=${chosen.length !== 2} onClick=${compare}>${t('runs.compare')}</button>
      </p>
    </div>`

  /** Two at most: a third takes the place of the first. @param {string} id */
  function choose(id) {
    setChosen(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id].slice(-2))
  }
  function compare() {
    const [run, other] = chosen
    if (run && other) go({ view: 'run', run, with: other })
  }
}

/** @param {string} id of an experiment @param {Experiment[]} experiments @param {Texts} texts */
export function titleOf(id, experiments, texts) {
  const title = experiments.find((experiment) => experiment.id === id)?.title
  return title ? texts.of(title) : id
}

/**
 * The settings of a run in a line, by their labels.
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
