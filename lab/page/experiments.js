// @ts-check
import { html } from 'htm/preact'
import { useLab } from './lab-context.js'
import { hrefOf } from './route.js'
import { View } from './view.js'

/** All experiments, to choose from. */
export function ExperimentsView() {
  const { texts, experiments, parts } = useLab()
  return html`
    <${View} title=${texts.t('experiments.title')}>
      <p class="lead">${texts.t('experiments.lead')}</p>
      <ul class="cards">
        ${experiments.map(
          ({ id, title, hypothesis, seconds, parts: about }) => html`
            <li class="card">
              <h2><a href=${hrefOf({ view: 'experiment', experiment: id, settings: {} })}>${texts.of(title)}</a></h2>
              <p>${texts.of(hypothesis)}</p>
              <ul class="tags">
                ${parts.filter(({ part }) => about.includes(part)).map((part) => html`<li>${texts.of(part.title)}</li>`)}
                <li class="time">${texts.t('experiment.seconds', { seconds })}</li>
              </ul>
            </li>`,
        )}
      </ul>
    <//>`
}
