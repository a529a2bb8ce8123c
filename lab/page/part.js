// @ts-check
import { h } from './dom.js'
import { hrefOf } from './route.js'
import { showSource } from './source.js'
/** @import { Snapshot } from '../protocol/live-schema.ts' */
/** @import { PartName } from '../protocol/part-schema.ts' */
/** @import { Lab } from './page.js' */

/**
 * A part in detail: what it does, its state, its last events, and the files that implement it.
 * @param {Lab} lab
 * @param {PartName} name
 * @param {AbortSignal} signal ends the updates
 */
export function showPart({ texts, live, parts, experiments }, name, signal) {
  const part = parts.find((known) => known.part === name)
  const state = h('tbody')
  const events = h('ol', { class: 'events' })

  function showState() {
    const reading = live.reading()
    if (reading) state.replaceChildren(...stateOf(name, reading.snapshot).map(([key, value]) => row(key, value)))
  }
  /** @param {string} key @param {unknown} value */
  const row = (key, value) => {
    const label = texts.maybe(`state.${key}`, key.replaceAll('_', ' '))
    return h('tr', {}, h('th', { scope: 'row' }, label), h('td', {}, key === 'pid' ? String(value) : asText(value)))
  }
  /** @param {unknown} value */
  const asText = (value) => {
    if (value == null) return texts.t('state.unknown')
    return typeof value === 'number' ? texts.number(value) : texts.maybe(`state.value.${value}`, String(value))
  }
  function showEvents() {
    const known = live.eventsOf(name)
    events.replaceChildren(
      ...known.map(({ at, text }) => h('li', {}, h('time', { datetime: at }, texts.clock(at)), ' ', texts.of(text))),
    )
    if (known.length === 0) events.replaceChildren(h('li', { class: 'hint' }, texts.t('events.none')))
  }

  showState()
  showEvents()
  live.on('snapshot', showState, signal)
  live.on('event', showEvents, signal)

  const title = part ? texts.of(part.title) : name
  const about = experiments
    .filter((experiment) => experiment.parts.includes(name))
    .map(({ id, title: named }) =>
      h('li', {}, h('a', { href: hrefOf({ view: 'experiment', experiment: id, settings: {} }) }, texts.of(named))),
    )
  return h(
    'div',
    { class: 'part-details' },
    h('h2', {}, title),
    h('p', { class: 'lead' }, part ? texts.of(part.text) : ''),
    h(
      'div',
      { class: 'columns' },
      h('section', {}, h('h3', {}, texts.t('part.state')), h('table', { class: 'state' }, state)),
      h(
        'section',
        {},
        h('h3', { id: 'events-title' }, texts.t('part.events')),
        h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-labelledby': 'events-title' }, events),
      ),
    ),
    about.length > 0 && h('h3', {}, texts.t('part.experiments')),
    about.length > 0 && h('ul', { class: 'tags' }, ...about),
    h('h3', {}, texts.t('part.source')),
    h('div', {}, ...(part?.sources ?? []).map((path, index) => sourceOf(path, index === 0))),
  )

  /** The main file at once, the others when they are opened. @param {string} path @param {boolean} open */
  function sourceOf(path, open) {
    if (open) return showSource(path, texts)
    const details = h('details', { class: 'fold' }, h('summary', {}, h('code', {}, path)))
    details.addEventListener('toggle', () => details.append(showSource(path, texts)), { once: true })
    return details
  }
}

/**
 * A part's figures as rows: those of one thing, of each instance, or of each check.
 * @param {PartName} name @param {Snapshot} snapshot @returns {[string, unknown][]}
 */
function stateOf(name, snapshot) {
  const { client, limiter, api, cache, queue, workers, database, health } = snapshot
  if (name === 'api') return api.flatMap((each) => Object.entries(each))
  if (name === 'worker') return workers.flatMap((each) => Object.entries(each))
  if (name === 'health') {
    const checks = Object.entries(health.checks).flatMap(([check, { status, latency_ms }]) => [
      /** @type {[string, unknown]} */ ([check, status]),
      /** @type {[string, unknown]} */ ([`${check}_latency_ms`, latency_ms]),
    ])
    return [['status', health.status], ...checks]
  }
  if (name === 'limiter') return Object.entries(limiter ?? { limiter: 'off' })
  return Object.entries({ client, cache, queue: queue ?? {}, database }[name])
}
