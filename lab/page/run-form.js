// @ts-check
import { html } from 'htm/preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import * as api from './api.js'
import { useLab } from './lab-context.js'
import { hrefOf } from './route.js'
import { followRun } from './run-events.js'
import { settingsFields, settingsIn } from './settings-form.js'

/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Run, RunSummary } from '../protocol/run-schema.ts' */
/** @import { Lab } from './lab-context.js' */
/** @import { Progress } from './run-events.js' */

/** @typedef {{ isBusy: boolean, run?: Run, progress?: Progress | undefined, error?: Error, other?: RunSummary | undefined }} State */

/**
 * The settings of an experiment, the button that runs it with them, and the progress of the run.
 * @param {{ experiment: Experiment, settings: Record<string, string>, inProgress: string | undefined,
 *   change(run: Run | undefined): void, ended(): void }} properties `settings`: of the address; `inProgress`: the id of a
 *   run to follow
 */
export function RunForm({ experiment, settings, inProgress, change, ended }) {
  const lab = useLab()
  const { t } = lab.texts
  const form = useRef(/** @type {HTMLFormElement | null} */ (null))
  const [followed, follow] = useState(/** @type {string | undefined} */ (undefined))
  const [state, setState] = useState(/** @type {State} */ ({ isBusy: false }))
  const { isBusy, progress } = state

  useEffect(() => {
    if (inProgress) follow(inProgress)
  }, [inProgress])
  useEffect(() => {
    if (!followed) return
    setState({ isBusy: true })
    return followRun(followed, experiment, { change: show, lost: failed })
  }, [followed])

  return html`
    <form class="setup" aria-label=${t('settings')} ref=${form} onChange=${keepInAddress} onSubmit=${start}>
      <h2>${t('settings')}</h2>
      ${settingsFields(experiment.settings, settings, lab.texts)}
      <p class="hint">${t('settings.address')}</p>
      <div class="buttons">
        <button id="run" class="primary" type="submit" aria-disabled=${isBusy}>${t('run.start')}</button>
        <button id="stop" type="button" hidden=${!isBusy} onClick=${stop}>${t('run.stop')}</button>
      </div>
      ${isBusy && html`<progress aria-label=${t('run.progress')} max=${progress?.of} value=${progress?.seconds} />`}
      <p class="run-status" role="status">${statusOf(state, experiment, lab)}</p>
    </form>`

  function keepInAddress() {
    if (!form.current) return
    const given = settingsIn(form.current, experiment.settings)
    const texts = Object.entries(given).map(([name, value]) => [name, String(value)])
    lab.go({ view: 'experiment', experiment: experiment.id, settings: Object.fromEntries(texts) }, { replace: true })
  }
  /** @param {Event} event */
  async function start(event) {
    event.preventDefault()
    if (isBusy || !form.current) return
    setState({ isBusy: true })
    change(undefined)
    const given = settingsIn(form.current, experiment.settings)
    await api.start(experiment.id, given).then(({ run_id }) => follow(run_id), refused)
  }
  function stop() {
    if (followed) api.remove(followed).catch(failed)
  }
  /** @param {Run} run @param {Progress | undefined} progress */
  function show(run, progress) {
    change(run)
    if (run.state === 'running') return setState({ isBusy: true, run, progress })
    end({ run })
    ended()
  }
  /** @param {Omit<State, 'isBusy'>} result */
  function end(result) {
    if (document.activeElement?.id === 'stop') document.getElementById('run')?.focus()
    setState({ isBusy: false, ...result })
    follow(undefined)
  }
  /** @param {Error} error */
  function failed(error) {
    end({ error })
  }
  /** @param {Error} error */
  async function refused(error) {
    failed(error)
    if (error instanceof api.Refused && error.code === 'run_in_progress') end({ error, other: (await api.runs())[0] })
  }
}

/**
 * What the form says of a run. It changes once for each variant, not each second: screen readers read it out.
 * @param {State} state @param {Experiment} experiment @param {Lab} lab
 */
function statusOf({ isBusy, run, progress, error, other }, experiment, { texts, experiments }) {
  const { t, of } = texts
  if (other) {
    const title = experiments.find(({ id }) => id === other.experiment)?.title
    return html`${t('run.other')} ${linkTo(other.run_id, title ? of(title) : other.run_id)}`
  }
  if (error) return t('failed', { error: error.message })
  const variant = experiment.variants.find(({ id }) => id === progress?.variant)
  if (variant) return t('run.variant', { variant: of(variant.label) })
  if (isBusy) return t('run.starting')
  if (!run) return ''
  const verdict = run.verdict && ` ${t(run.verdict.holds ? 'verdict.holds' : 'verdict.fails')}.`
  return html`${t(`run.${run.state}`, { seconds: Math.round(run.seconds) })}${verdict} ${linkTo(run.run_id, t('run.kept'))}`
}

/** @param {string} run @param {string} text */
const linkTo = (run, text) => html`<a href=${hrefOf({ view: 'run', run })}>${text}</a>`
