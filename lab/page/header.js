// @ts-check
import { html } from 'htm/preact'
import { useState } from 'preact/hooks'
import { useLab } from './lab-context.js'
import { hrefOf } from './route.js'
import { chooseTheme, theme } from './theme.js'

/** @import { Route } from './route.js' */
/** @import { Language } from './texts.js' */

/**
 * The skip link, the name, the navigation, and the switches.
 * @param {{ view: Route['view'], speak(language: Language): void, tour(): void }} properties
 */
export function Header({ view, speak, tour }) {
  const { t, language } = useLab().texts
  const [shown, setShown] = useState(theme())
  const other = language === 'en' ? 'es' : 'en'
  const switchTheme = () => {
    chooseTheme(shown === 'dark' ? 'light' : 'dark')
    setShown(theme())
  }
  return html`
    <a class="skip" href="#main">${t('skip')}</a>
    <a class="brand" href="/lab">${t('brand')}</a>
    <nav aria-label=${t('nav')}>
      <ul>
        ${link({ view: 'system' }, t('nav.system'), view === 'system')}
        ${link({ view: 'experiments' }, t('nav.experiments'), view === 'experiments' || view === 'experiment')}
        ${link({ view: 'runs' }, t('nav.runs'), view === 'runs' || view === 'run')}
      </ul>
    </nav>
    <div class="switches">
      <button id="tour-button" type="button" class="quiet" onClick=${tour}>${t('tour')}</button>
      <button id="language" type="button" class="quiet" lang=${other} onClick=${() => speak(other)}>
        ${other === 'es' ? 'Español' : 'English'}
      </button>
      <button id="theme" type="button" class="quiet" onClick=${switchTheme}>
        ${t(shown === 'dark' ? 'theme.light' : 'theme.dark')}
      </button>
    </div>`
}

/** @param {Route} to @param {string} text @param {boolean} here */
const link = (to, text, here) =>
  html`<li><a href=${hrefOf(to)} aria-current=${here ? 'page' : undefined}>${text}</a></li>`
