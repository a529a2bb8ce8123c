// @ts-check
import { html } from 'htm/preact'
import { Fold } from './fold.js'
import { Source } from './source.js'

/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Texts } from './texts.js' */

/**
 * Why an experiment ends as it does, with further reading, and the file in which each variant differs.
 * @param {Experiment} experiment
 * @param {Texts} texts
 */
export function aboutExperiment({ why, variants }, texts) {
  const { t, of } = texts
  return html`
    <section class="why">
      <h2>${t('why')}</h2>
      ${why[texts.language].split('\n\n').map((paragraph) => html`<p>${paragraph}</p>`)}
      <h3>${t('why.sources')}</h3>
      <ul>
        ${why.sources.map(({ title, url }) => html`<li><a href=${url} target="_blank" rel="noreferrer">${title}</a></li>`)}
      </ul>
      <h2>${t('variants')}</h2>
      <p class="hint">${t('variants.lead')}</p>
      ${variants.map(({ label, source, protected: isProtected }) => {
        const kind = t(isProtected ? 'variant.protected' : 'variant.naive')
        const summary = html`${of(label)} <span class="hint">${kind}</span> <code>${source}</code>`
        return html`<${Fold} summary=${summary} contents=${() => html`<${Source} path=${source} />`} />`
      })}
    </section>`
}
