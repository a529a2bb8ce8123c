// @ts-check
import { html } from 'htm/preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import * as api from './api.js'
import { compareRuns } from './compare.js'
import { useLab } from './lab-context.js'
import { hrefOf } from './route.js'
import { followRun } from './run-events.js'
import { RunPanel } from './run-panel.js'
import { settingsText, titleOf } from './runs.js'
import { useAnswer } from './use-answer.js'
import { View } from './view.js'

/** @import { Run, RunSummary } from '../protocol/run-schema.ts' */

/** A kept run, or two of them compared. */
export function RunView(/** @type {{ run: string, with?: string }} */ { run: id, with: otherId }) {
  const { texts, experiments } = useLab()
  const { value, error } = useAnswer(() =>
    Promise.all([api.run(id), api.runs(), otherId ? api.run(otherId) : undefined]),
  )
  const [run, runs, other] = value ?? []
  if (!run || !runs) {
    const title = texts.t(otherId ? 'compare.title' : 'run.title')
    return html`<${View} title=${title}><p class="hint">${texts.waiting(error)}</p><//>`
  }
  if (other)
    return html`<${View} title=${texts.t('compare.title')}>${compareRuns([run, other], { texts, experiments })}<//>`
  return html`<${OneRun} kept=${run} runs=${runs} />`
}

/** @param {{ kept: Run, runs: RunSummary[] }} properties */
function OneRun({ kept, runs }) {
  const { texts, experiments } = useLab()
  const [run, setRun] = useState(kept)
  const experiment = experiments.find(({ id }) => id === run.experiment)
  useEffect(() => {
    if (experiment && kept.state === 'running') return followRun(kept.run_id, experiment, { change: setRun, lost() {} })
  }, [])
  if (!experiment) return html`<${View} title=${texts.t('experiment.unknown', { id: run.experiment })} />`
  const settings = Object.fromEntries(Object.entries(kept.settings).map(([name, value]) => [name, String(value)]))
  const again = hrefOf({ view: 'experiment', experiment: experiment.id, settings })
  const others = runs.filter(({ run_id, state }) => run_id !== run.run_id && state !== 'running')
  return html`
    <${View} title=${texts.of(experiment.title)}>
      <p class="lead">${texts.moment(kept.started_at)} · ${settingsText(kept, experiments, texts)}</p>
      <p><a href=${again}>${texts.t('run.again')}</a></p>
      ${others.length > 0 && html`<${Comparison} run=${run} others=${others} />`}
      <${RunPanel} run=${run} experiment=${experiment} />
    <//>`
}

/** A choice of another run to compare with; those of the same experiment come first. */
function Comparison(/** @type {{ run: Run, others: RunSummary[] }} */ { run, others }) {
  const { texts, experiments, go } = useLab()
  const choice = useRef(/** @type {HTMLSelectElement | null} */ (null))
  const isSame = (/** @type {RunSummary} */ { experiment }) => experiment === run.experiment
  const sorted = [...others.filter(isSame), ...others.filter((other) => !isSame(other))]
  const compare = () => choice.current && go({ view: 'run', run: run.run_id, with: choice.current.value })
  return html`
    <div class="field comparison">
      <label for="compare-with">${texts.t('compare.with')}</label>
      <select id="compare-with" ref=${choice}>
        ${sorted.map(
          (other) => html`
            <option value=${other.run_id}>
              ${titleOf(other.experiment, experiments, texts)}, ${texts.moment(other.started_at)},
              ${' '}${settingsText(other, experiments, texts)}
            </option>`,
        )}
      </select>
      <button type="button" class="compare" onClick=${compare}>${texts.t('compare')}</button>
    </div>`
}
