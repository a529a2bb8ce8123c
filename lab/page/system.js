// @ts-check
import { drawDiagram } from './diagram.js'
import { h } from './dom.js'
import { showPart } from './part.js'
import { trafficButton } from './traffic.js'
/** @import { PartName } from '../protocol/part-schema.ts' */
/** @import { Lab, View } from './page.js' */

/**
 * The first view: the running shop as a diagram, and below it the part that was chosen.
 * @param {Lab} lab
 * @param {{ part?: string }} route
 * @param {AbortSignal} signal
 * @returns {View}
 */
export function systemView(lab, route, signal) {
  const { texts, live } = lab
  const panel = h('section', { id: 'part-panel', class: 'panel', 'aria-live': 'off' })
  const connection = h('p', { class: 'connection', role: 'status' })
  const diagram = drawDiagram(lab, { select: (part) => toggle(part), signal })
  /** @type {AbortController | undefined} */
  let shown
  /** @type {PartName | undefined} */
  let chosen

  /** @param {PartName} part */
  function toggle(part) {
    const next = part === chosen ? undefined : part
    lab.go({ view: 'system', ...(next && { part: next }) })
  }

  /** @param {string | undefined} name */
  function show(name) {
    shown?.abort()
    shown = new AbortController()
    chosen = lab.parts.find(({ part }) => part === name)?.part
    diagram.mark(chosen)
    panel.replaceChildren(
      chosen
        ? showPart(lab, chosen, AbortSignal.any([signal, shown.signal]))
        : h('p', { class: 'hint' }, texts.t('part.choose')),
    )
  }

  const tell = () => {
    connection.textContent = live.connected() || !live.reading() ? '' : texts.t('live.lost')
  }
  live.on('connection', tell, signal)
  show(route.part)

  const heading = h('h1', { tabindex: '-1' }, texts.t('system.title'))
  const top = h('div', { class: 'view-top' }, h('div', {}, heading, h('p', { class: 'lead' }, texts.t('system.lead'))))
  return {
    title: texts.t('system.title'),
    element: h('div', { class: 'view' }, top, trafficButton(texts), connection, diagram.element, panel),
    /** Another part of the same view: the diagram stays as it is, and so does the focus. */
    update(next) {
      if (next.view !== 'system') return false
      show(next.part)
      return true
    },
  }
}
