// @ts-check
import { h } from './dom.js'
import { hrefOf } from './route.js'
import { chooseTheme, theme } from './theme.js'
/** @import { Route } from './route.js' */
/** @import { Language, Texts } from './texts.js' */

/**
 * The skip link, the name, the ways to the views, and the switches.
 * @param {Texts} texts
 * @param {Route} route
 * @param {{ speak(language: Language): void, tour(): void }} actions
 */
export function headerContents(texts, route, { speak, tour }) {
  const other = texts.language === 'en' ? 'es' : 'en'
  const themeButton = h('button', { id: 'theme', type: 'button', class: 'quiet' })
  const label = () => {
    themeButton.textContent = texts.t(theme() === 'dark' ? 'theme.light' : 'theme.dark')
  }
  themeButton.addEventListener('click', () => {
    chooseTheme(theme() === 'dark' ? 'light' : 'dark')
    label()
  })
  label()

  /** @param {Route} to @param {string} text @param {boolean} here */
  const link = (to, text, here) =>
    h('li', {}, h('a', { href: hrefOf(to), 'aria-current': here ? 'page' : undefined }, text))
  const nav = h(
    'ul',
    {},
    link({ view: 'system' }, texts.t('nav.system'), route.view === 'system'),
    link({ view: 'experiments' }, texts.t('nav.experiments'), ['experiments', 'experiment'].includes(route.view)),
    link({ view: 'runs' }, texts.t('nav.runs'), ['runs', 'run'].includes(route.view)),
  )
  const speakOther = { id: 'language', type: 'button', class: 'quiet', lang: other, onclick: () => speak(other) }
  const tourButton = { id: 'tour-button', type: 'button', class: 'quiet', onclick: tour }
  return [
    h('a', { class: 'skip', href: '#main' }, texts.t('skip')),
    h('a', { class: 'brand', href: '/lab' }, texts.t('brand')),
    h('nav', { 'aria-label': texts.t('nav') }, nav),
    h(
      'div',
      { class: 'switches' },
      h('button', tourButton, texts.t('tour')),
      h('button', speakOther, other === 'es' ? 'Español' : 'English'),
      themeButton,
    ),
  ]
}
