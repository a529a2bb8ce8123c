// @ts-check
import { html } from 'htm/preact'
import { useState } from 'preact/hooks'
import * as api from './api.js'
import { useLab } from './lab-context.js'
import { hrefOf } from './route.js'
import { RunForm } from './run-form.js'
import { RunPanel } from './run-panel.js'
import { RunsList } from './runs.js'
import { useAnswer } from './use-answer.js'
import { View } from './view.js'
import { aboutExperiment } from './why.js'

/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Run } from '../protocol/run-schema.ts' */

/** An experiment by its id, or that there is none. */
export function ExperimentView(
  /** @type {{ experiment: string, settings: Record<string, string> }} */ { experiment: id, settings },
) {
  const { texts, experiments } = useLab()
  const experiment = experiments.find((known) => known.id === id)
  if (experiment) return html`<${Workbench} experiment=${experiment} settings=${settings} />`
  return html`
    <${View} title=${texts.t('experiment.unknown', { id })}>
      <p><a href=${hrefOf({ view: 'experiments' })}>${texts.t('nav.experiments')}</a></p>
    <//>`
}

/**
 * One experiment: its hypothesis, its settings, the button that runs it, the measurements as they come, and why.
 * @param {{ experiment: Experiment, settings: Record<string, string> }} properties
 */
function Workbench({ experiment, settings }) {
  const { texts, parts } = useLab()
  const [run, setRun] = useState(/** @type {Run | undefined} */ (undefined))
  const answer = useAnswer(api.runs)
  const runs = (answer.value ?? []).filter((each) => each.experiment === experiment.id)
  const kept = runs.filter(({ state }) => state !== 'running')
  const inProgress = runs.find(({ state }) => state === 'running')?.run_id
  return html`
    <${View} title=${texts.of(experiment.title)}>
      <p class="lead"><strong>${texts.t('hypothesis')}</strong> ${texts.of(experiment.hypothesis)}</p>
      <ul class="tags" aria-label=${texts.t('experiment.parts')}>
        ${parts
          .filter(({ part }) => experiment.parts.includes(part))
          .map(({ part, title }) => html`<li><a href=${hrefOf({ view: 'system', part })}>${texts.of(title)}</a></li>`)}
      </ul>
      <div class="workbench">
        <${RunForm} ...${{ experiment, settings, inProgress, change: setRun, ended: answer.load }} />
        ${run && html`<${RunPanel} run=${run} experiment=${experiment} />`}
      </div>
      ${aboutExperiment(experiment, texts)}
      <section class="kept">
        <h2>${texts.t('runs.of_experiment')}</h2>
        ${
          kept.length > 0
            ? html`<${RunsList} runs=${kept} reload=${answer.load} />`
            : html`<p class="hint">${answer.value ? texts.t('runs.none') : texts.waiting(answer.error)}</p>`
        }
      </section>
    <//>`
}
