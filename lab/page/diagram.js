// @ts-check
import { h, set, svg } from './dom.js'
import { openDots, shapeOf } from './dots.js'
import { openEdges } from './edges.js'
import { flowsBetween, trafficOf } from './flows.js'
import { rove } from './keyboard.js'
import { figuresOf, partNames } from './part-figures.js'
/** @import { PartName } from '../protocol/part-schema.ts' */
/** @import { Lab } from './page.js' */
/** @import { Kind } from './flows.js' */

/**
 * The live diagram: each part is a button with its figures, each line carries the traffic that was counted on it.
 * @param {Lab} lab
 * @param {{ select(part: PartName): void, signal: AbortSignal }} options
 */
export function drawDiagram({ texts, live, parts: about }, { select, signal }) {
  const canvas = svg('svg', { class: 'edges', 'aria-hidden': 'true' })
  /** @type {Map<PartName, HTMLButtonElement>} */
  const buttons = new Map()
  for (const part of partNames) {
    const attributes = { id: `part-${part}`, class: `part part-${part}`, type: 'button', 'aria-expanded': 'false' }
    const press = { 'aria-controls': 'part-panel', onclick: () => select(part) }
    const title = about.find((known) => known.part === part)?.title
    const name = h('span', { class: 'part-name' }, title ? texts.of(title) : part)
    const figures = ['part-figure', 'part-unit', 'part-detail'].map((kind) => h('span', { class: kind }))
    buttons.set(part, h('button', { ...attributes, ...press }, name, ...figures))
  }
  const parts = h('div', { class: 'parts', role: 'group', 'aria-label': texts.t('diagram') }, ...buttons.values())
  rove(parts, [...buttons.values()])
  const legend = h('p', { class: 'legend' })
  const element = h('div', { class: 'diagram' }, canvas, parts)

  const { drawn, place } = openEdges(canvas, buttons)
  const dots = openDots(canvas, drawn)
  const observer = new ResizeObserver(place)
  observer.observe(element)
  signal.addEventListener('abort', () => {
    observer.disconnect()
    dots.close()
  })

  function show() {
    const reading = live.reading()
    if (!reading) return
    const { snapshot, before, earlier } = reading
    for (const [part, button] of buttons) {
      const { figure, unit, detail, trouble } = figuresOf(part, snapshot, texts)
      const said = [figure, unit, detail]
      button.querySelectorAll('span:not(:first-child)').forEach((span, index) => {
        if (span.textContent !== said[index]) span.textContent = said[index] ?? ''
      })
      button.classList.toggle('trouble', trouble)
    }
    const seconds = (Date.parse(snapshot.at) - Date.parse(earlier.at)) / 1000
    const traffic = trafficOf(flowsBetween(earlier, snapshot))
    for (const [name, { label }] of drawn) {
      const count = seconds > 0 ? (traffic.get(name) ?? 0) / seconds : 0
      label.textContent = count > 0 ? `${texts.number(Number(count.toPrecision(2)))}/s` : ''
    }
    explain(dots.send(before ? flowsBetween(before, snapshot) : []))
  }

  /** @param {number} each how many requests a dot stands for */
  function explain(each) {
    if (legend.dataset.each === String(each)) return
    legend.dataset.each = String(each)
    /** @type {Kind[]} */
    const kinds = ['read', 'order', 'other', 'denied']
    const samples = kinds.map((kind) => h('span', { class: 'legend-item' }, sample(kind), texts.t(`dot.${kind}`)))
    legend.replaceChildren(...samples, h('span', {}, texts.t(each > 1 ? 'dot.several' : 'dot.one', { each })))
  }

  explain(1)
  show()
  live.on('snapshot', show, signal)
  return {
    element: h('div', { class: 'diagram-frame' }, element, legend),
    /** Marks the part whose details are shown. @param {string | undefined} chosen */
    mark(chosen) {
      for (const [part, button] of buttons) set(button, { 'aria-expanded': String(part === chosen) })
    },
  }
}

/** @param {Kind} kind */
function sample(kind) {
  return svg('svg', { width: 18, height: 18, viewBox: '-9 -9 18 18', 'aria-hidden': 'true' }, shapeOf(kind))
}
