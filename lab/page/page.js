// @ts-check
import * as api from './api.js'
import { experimentView } from './experiment.js'
import { experimentsView } from './experiments.js'
import { headerContents } from './header.js'
import { openLive } from './live.js'
import { followRoutes, readRoute } from './route.js'
import { runView } from './run.js'
import { runsView } from './runs.js'
import { systemView } from './system.js'
import { preferredLanguage, rememberLanguage, textsIn } from './texts.js'
import { applyTheme } from './theme.js'
import { openTour, tourIsDue } from './tour.js'

/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Part } from '../protocol/part-schema.ts' */
/** @import { Live } from './live.js' */
/** @import { Route } from './route.js' */
/** @import { Texts } from './texts.js' */

/**
 * What every view is given.
 * @typedef {{ texts: Texts, live: Live, parts: Part[], experiments: Experiment[],
 *   go: (route: Route, options?: { replace?: boolean }) => void }} Lab
 *
 * A view, built anew for each address and language. `update` takes a further address of the same view, if it can.
 * @typedef {{ title: string, element: HTMLElement, update?: (route: Route) => boolean }} View
 */

const header = /** @type {HTMLElement} */ (document.getElementById('header'))
const main = /** @type {HTMLElement} */ (document.getElementById('main'))
const [live, parts, experiments] = [openLive(), await api.parts(), await api.experiments()]

let texts = textsIn(preferredLanguage())
/** @type {View | undefined} */
let view
/** @type {AbortController | undefined} */
let shown

applyTheme()
const go = followRoutes((route) => {
  if (!view?.update?.(route)) {
    show(route)
    main.querySelector('h1')?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }
})
show(readRoute(location.search))
if (location.hash === '#run') document.getElementById('run')?.focus()
if (tourIsDue()) openTour(texts)

/** @param {Route} route */
function show(route) {
  shown?.abort()
  shown = new AbortController()
  document.documentElement.lang = texts.language
  header.replaceChildren(...headerContents(texts, route, { speak, tour: () => openTour(texts) }))
  view = viewOf(route, { texts, live, parts, experiments, go }, shown.signal)
  main.replaceChildren(view.element)
  document.title = `${view.title} · ${texts.t('brand')}`
}

/** @param {Route} route @param {Lab} lab @param {AbortSignal} signal @returns {View} */
function viewOf(route, lab, signal) {
  if (route.view === 'experiments') return experimentsView(lab)
  if (route.view === 'runs') return runsView(lab)
  if (route.view === 'run') return runView(lab, route, signal)
  if (route.view === 'experiment') return experimentView(lab, route, signal)
  return systemView(lab, route, signal)
}

/** @param {import('./texts.js').Language} language */
function speak(language) {
  rememberLanguage(language)
  texts = textsIn(language)
  show(readRoute(location.search))
  document.getElementById('language')?.focus()
}
