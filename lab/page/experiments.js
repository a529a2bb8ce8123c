// @ts-check
import { h } from './dom.js'
import { hrefOf } from './route.js'
/** @import { Lab, View } from './page.js' */

/** All experiments, to choose from. @param {Lab} lab @returns {View} */
export function experimentsView({ texts, experiments, parts }) {
  const cards = experiments.map(({ id, title, hypothesis, seconds, parts: about }) => {
    const link = h('a', { href: hrefOf({ view: 'experiment', experiment: id, settings: {} }) }, texts.of(title))
    const names = about.map((name) => parts.find(({ part }) => part === name)?.title)
    const tags = names.map((name) => name && h('li', {}, texts.of(name)))
    return h(
      'li',
      { class: 'card' },
      h('h2', {}, link),
      h('p', {}, texts.of(hypothesis)),
      h('ul', { class: 'tags' }, ...tags, h('li', { class: 'time' }, texts.t('experiment.seconds', { seconds }))),
    )
  })
  const heading = h('h1', { tabindex: '-1' }, texts.t('experiments.title'))
  return {
    title: texts.t('experiments.title'),
    element: h(
      'div',
      { class: 'view' },
      heading,
      h('p', { class: 'lead' }, texts.t('experiments.lead')),
      h('ul', { class: 'cards' }, ...cards),
    ),
  }
}
