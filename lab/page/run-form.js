// @ts-check
import * as api from './api.js'
import { h } from './dom.js'
import { hrefOf } from './route.js'
import { followRun } from './run-events.js'
import { settingsForm } from './settings-form.js'

/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Run } from '../protocol/run-schema.ts' */
/** @import { Lab } from './page.js' */
/** @import { Progress } from './run-events.js' */

/**
 * The settings of an experiment, the button that runs it with them, and how far the run is.
 * @param {Lab} lab
 * @param {Experiment} experiment
 * @param {Record<string, string>} settings of the address
 * @param {{ started(): void, change(run: Run): void, ended(): void, signal: AbortSignal }} options
 */
export function runForm({ texts, experiments, go }, experiment, settings, { started, change, ended, signal }) {
  const fields = settingsForm(experiment.settings, settings, texts)
  const run = h('button', { id: 'run', class: 'primary', type: 'submit' }, texts.t('run.start'))
  const stop = h('button', { id: 'stop', type: 'button', hidden: true }, texts.t('run.stop'))
  const bar = h('progress', { hidden: true, 'aria-label': texts.t('run.progress') })
  const status = h('p', { class: 'run-status', role: 'status' })
  const form = h(
    'form',
    { class: 'setup', 'aria-label': texts.t('settings') },
    h('h2', {}, texts.t('settings')),
    ...fields.elements,
    h('p', { class: 'hint' }, texts.t('settings.address')),
    h('div', { class: 'buttons' }, run, stop),
    bar,
    status,
  )
  form.addEventListener('change', () => {
    const given = Object.fromEntries(Object.entries(fields.values()).map(([name, value]) => [name, String(value)]))
    go({ view: 'experiment', experiment: experiment.id, settings: given }, { replace: true })
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (run.getAttribute('aria-disabled') !== 'true') void start()
  })

  async function start() {
    busy(true)
    started()
    status.textContent = texts.t('run.starting')
    await api.start(experiment.id, fields.values()).then(({ run_id }) => follow(run_id), refused)
  }

  /** Shows a run that is under way. @param {string} id */
  function follow(id) {
    busy(true)
    stop.onclick = () => void api.remove(id).catch(failed)
    followRun(id, experiment, { change: tell, lost: failed, signal })
  }

  /** @param {Run} current @param {Progress | undefined} progress */
  function tell(current, progress) {
    change(current)
    if (progress) {
      const variant = experiment.variants.find(({ id }) => id === progress.variant)
      bar.max = Math.max(progress.of, progress.seconds)
      bar.value = progress.seconds
      // Said once for each variant, not each second: a screen reader reads it out.
      const text = texts.t('run.variant', { variant: variant ? texts.of(variant.label) : progress.variant })
      if (status.textContent !== text) status.textContent = text
    }
    if (current.state === 'running') return
    busy(false)
    const said = texts.t(`run.${current.state}`, { seconds: Math.round(current.seconds) })
    const outcome = current.verdict && `${texts.t(current.verdict.holds ? 'verdict.holds' : 'verdict.fails')}.`
    status.replaceChildren(
      ...[said, outcome, linkTo(current.run_id, texts.t('run.kept'))].flatMap((part) => (part ? [part, ' '] : [])),
    )
    ended()
  }

  /** @param {boolean} now */
  function busy(now) {
    run.setAttribute('aria-disabled', String(now))
    if (!now && document.activeElement === stop) run.focus()
    stop.hidden = !now
    bar.hidden = !now
    if (now) bar.removeAttribute('value')
  }
  /** @param {unknown} error */
  function failed(error) {
    busy(false)
    status.textContent = texts.t('failed', { error: error instanceof Error ? error.message : String(error) })
  }
  /** @param {unknown} error */
  async function refused(error) {
    failed(error)
    if (!(error instanceof api.Refused) || error.code !== 'run_in_progress') return
    const [other] = await api.runs()
    if (!other) return
    const title = experiments.find(({ id }) => id === other.experiment)?.title
    status.replaceChildren(texts.t('run.other'), ' ', linkTo(other.run_id, title ? texts.of(title) : other.run_id))
  }

  return { element: form, follow }
}

/** @param {string} run @param {string} text */
const linkTo = (run, text) => h('a', { href: hrefOf({ view: 'run', run }) }, text)
