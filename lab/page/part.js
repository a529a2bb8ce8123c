// @ts-check
import { html } from 'htm/preact'
import { Fold } from './fold.js'
import { useLab } from './lab-context.js'
import { hrefOf } from './route.js'
import { Source } from './source.js'

/** @import { Snapshot } from '../protocol/live-schema.ts' */
/** @import { Part, PartName } from '../protocol/part-schema.ts' */

/** A part in detail: what it does, its state, its last events, its experiments and its source files. */
export function PartDetails(/** @type {{ part: Part }} */ { part: { part: name, title, text, sources } }) {
  const { texts, live, experiments } = useLab()
  const { t } = texts
  const snapshot = live.reading()?.snapshot
  const events = live.eventsOf(name)
  const about = experiments.filter(({ parts }) => parts.includes(name))
  const [main, ...others] = sources
  return html`
    <div class="part-details">
      <h2>${texts.of(title)}</h2>
      <p class="lead">${texts.of(text)}</p>
      <div class="columns">
        <section>
          <h3>${t('part.state')}</h3>
          <table class="state"><tbody>${snapshot && stateOf(name, snapshot).map(row)}</tbody></table>
        </section>
        <section>
          <h3 id="events-title">${t('part.events')}</h3>
          <div class="scroll" tabindex="0" role="group" aria-labelledby="events-title">
            <ol class="events">
              ${events.length === 0 && html`<li class="hint">${t('events.none')}</li>`}
              ${events.map(({ at, text }) => html`<li><time datetime=${at}>${texts.clock(at)}</time> ${texts.of(text)}</li>`)}
            </ol>
          </div>
        </section>
      </div>
      ${about.length > 0 && html`<h3>${t('part.experiments')}</h3>`}
      <ul class="tags">
        ${about.map(
          ({ id, title }) =>
            html`<li><a href=${hrefOf({ view: 'experiment', experiment: id, settings: {} })}>${texts.of(title)}</a></li>`,
        )}
      </ul>
      <h3>${t('part.source')}</h3>
      <div>
        ${main && html`<${Source} path=${main} />`}
        ${others.map(
          (path) =>
            html`<${Fold} summary=${html`<code>${path}</code>`} contents=${() => html`<${Source} path=${path} />`} />`,
        )}
      </div>
    </div>`

  /** @param {[string, unknown]} entry */
  function row([key, value]) {
    const shown =
      typeof value !== 'number' ? texts.maybe(`state.value.${value}`, String(value ?? '–')) : texts.number(value)
    return html`
      <tr>
        <th scope="row">${texts.maybe(`state.${key}`, key.replaceAll('_', ' '))}</th>
        <td>${key === 'pid' ? value : shown}</td>
      </tr>`
  }
}

/**
 * The figures of a part as rows: of the part, of each instance, or of each check.
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
