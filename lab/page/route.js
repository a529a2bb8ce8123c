// @ts-check

/**
 * What the page shows, according to its address. The address contains an experiment's settings, so that it can be shared.
 * @typedef {{ view: 'system', part?: string }
 *   | { view: 'experiments' }
 *   | { view: 'experiment', experiment: string, settings: Record<string, string> }
 *   | { view: 'runs' }
 *   | { view: 'run', run: string, with?: string }} Route
 */

/**
 * @param {string} search the query of the address, such as `?experiment=stampede&readers=100`
 * @returns {Route}
 */
export function readRoute(search) {
  const { experiment, run, with: other, part, view, ...settings } = Object.fromEntries(new URLSearchParams(search))
  if (experiment) return { view: 'experiment', experiment, settings }
  if (run) return { view: 'run', run, ...(other && { with: other }) }
  if (view === 'experiments' || view === 'runs') return { view }
  return { view: 'system', ...(part && { part }) }
}

/** Names what is shown: a route of the same place updates the view, any other builds a new one. @param {Route} route */
export const placeOf = (route) => (route.view === 'system' ? 'system' : hrefOf(route))

/**
 * The address of a route, from the root of this server.
 * @param {Route} route
 */
export function hrefOf(route) {
  const query = new URLSearchParams()
  if (route.view === 'experiment') {
    query.set('experiment', route.experiment)
    for (const [name, value] of Object.entries(route.settings)) query.set(name, value)
  } else if (route.view === 'run') {
    query.set('run', route.run)
    if (route.with) query.set('with', route.with)
  } else if (route.view === 'system') {
    if (route.part) query.set('part', route.part)
  } else query.set('view', route.view)
  return query.size > 0 ? `/lab?${query}` : '/lab'
}

/**
 * Follows links within the page, and the browser's back and forward, without loading the page again.
 * @typedef {(route: Route, options?: { replace?: boolean }) => void} Go goes to a route; `replace` only writes the address
 * @param {(route: Route) => void} show
 * @returns {Go}
 */
export function followRoutes(show) {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (!link || link.target || link.hasAttribute('download') || event.defaultPrevented) return
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    if (link.origin !== location.origin || link.pathname !== '/lab' || link.hash) return
    event.preventDefault()
    history.pushState(null, '', link.href)
    show(readRoute(location.search))
  })
  addEventListener('popstate', () => show(readRoute(location.search)))
  return (route, { replace = false } = {}) => {
    if (replace) return history.replaceState(null, '', hrefOf(route))
    history.pushState(null, '', hrefOf(route))
    show(route)
  }
}
