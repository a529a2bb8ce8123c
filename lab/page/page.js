// @ts-check
import { html } from 'htm/preact'
import { render } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import * as api from './api.js'
import { ExperimentView } from './experiment.js'
import { ExperimentsView } from './experiments.js'
import { Header } from './header.js'
import { LabContext } from './lab-context.js'
import { openLive } from './live.js'
import { followRoutes, placeOf, readRoute } from './route.js'
import { RunView } from './run.js'
import { RunsView } from './runs.js'
import { SystemView } from './system.js'
import { preferredLanguage, rememberLanguage, textsIn } from './texts.js'
import { applyTheme } from './theme.js'
import { Tour, tourIsDue } from './tour.js'

/** @import { Language } from './texts.js' */

const views = {
  system: SystemView,
  experiments: ExperimentsView,
  experiment: ExperimentView,
  runs: RunsView,
  run: RunView,
}

const [live, parts, experiments] = [openLive(), await api.parts(), await api.experiments()]
applyTheme()
render(html`<${Page} />`, document.body)

/** The whole page: the header, the view of the address, and the tour. */
function Page() {
  const [route, setRoute] = useState(readRoute(location.search))
  const [language, setLanguage] = useState(preferredLanguage())
  const [touring, setTouring] = useState(tourIsDue())
  const go = useMemo(() => followRoutes(setRoute), [])
  const lab = useMemo(() => ({ texts: textsIn(language), live, parts, experiments, go }), [language, go])
  const place = placeOf(route)
  useFocusOnArrival(place)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])

  /** @param {Language} chosen */
  const speak = (chosen) => {
    rememberLanguage(chosen)
    setLanguage(chosen)
  }
  return html`
    <${LabContext.Provider} value=${lab}>
      <header class="header"><${Header} view=${route.view} speak=${speak} tour=${() => setTouring(true)} /></header>
      <main id="main" class="main" tabindex="-1"><${views[route.view]} key=${place} ...${route} /></main>
      ${touring && html`<${Tour} end=${() => setTouring(false)} />`}
    <//>`
}

/** Moves the focus to the heading of a new view, as loading a page would, and of the first to what the address names. */
function useFocusOnArrival(/** @type {string} */ place) {
  const arrived = useRef(false)
  useEffect(() => {
    if (arrived.current) {
      document.querySelector('h1')?.focus({ preventScroll: true })
      scrollTo(0, 0)
    } else if (location.hash === '#run') document.getElementById('run')?.focus()
    arrived.current = true
  }, [place])
}
