// @ts-check
import { h } from './dom.js'
import { showSource } from './source.js'
/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Texts } from './texts.js' */

/**
 * Why an experiment ends as it does, with what to read, and the file in which each variant differs.
 * @param {Experiment} experiment
 * @param {Texts} texts
 */
export function aboutExperiment({ why, variants }, texts) {
  const sources = why.sources.map(({ title, url }) =>
    h('li', {}, h('a', { href: url, target: '_blank', rel: 'noreferrer' }, title)),
  )
  const files = variants.map(({ label, source, protected: isProtected }) => {
    const kind = h('span', { class: 'hint' }, texts.t(isProtected ? 'variant.protected' : 'variant.naive'))
    const summary = h('summary', {}, texts.of(label), ' ', kind, ' ', h('code', {}, source))
    const details = h('details', { class: 'fold' }, summary)
    details.addEventListener('toggle', () => details.append(showSource(source, texts)), { once: true })
    return details
  })
  return h(
    'section',
    { class: 'why' },
    h('h2', {}, texts.t('why')),
    ...why[texts.language].split('\n\n').map((paragraph) => h('p', {}, paragraph)),
    h('h3', {}, texts.t('why.sources')),
    h('ul', {}, ...sources),
    h('h2', {}, texts.t('variants')),
    h('p', { class: 'hint' }, texts.t('variants.lead')),
    ...files,
  )
}
