// @ts-check
import { html } from 'htm/preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { openDots, shapeOf } from './dots.js'
import { edges, lineBetween } from './edges.js'
import { flowsBetween, trafficOf } from './flows.js'
import { moved } from './keyboard.js'
import { useLab } from './lab-context.js'
import { figuresOf, partNames } from './part-figures.js'

/** @import { PartName } from '../protocol/part-schema.ts' */
/** @import { Line } from './edges.js' */
/** @import { Kind } from './flows.js' */
/** @import { Reading } from './live.js' */
/** @import { Texts } from './texts.js' */

const kinds = /** @type {const} */ (['read', 'order', 'other', 'denied'])

/**
 * The live diagram: each part is a button with its figures, and dots on the lines show the counted traffic.
 * @param {{ chosen: PartName | undefined, select(part: PartName): void }} properties
 */
export function Diagram({ chosen, select }) {
  const { texts, live } = useLab()
  const frame = useRef(/** @type {HTMLElement | null} */ (null))
  const [lines, setLines] = useState(/** @type {Map<string, Line>} */ (new Map()))
  const dots = useRef(/** @type {SVGGElement | null} */ (null))
  const reading = live.reading()
  const rates = ratesOf(reading, texts)
  // The style sheet places the buttons, so the lines follow whenever the layout changes.
  useEffect(() => {
    const observer = new ResizeObserver(() => setLines(measured()))
    if (frame.current) observer.observe(frame.current)
    return () => observer.disconnect()
  }, [])
  const traffic = useMemo(() => openDots(dots), [])
  useEffect(() => traffic.close, [])
  const [each, setEach] = useState(1)
  useEffect(() => {
    if (reading?.before) setEach(traffic.send(flowsBetween(reading.before, reading.snapshot), lines))
  }, [reading])
  return html`
    <div class="diagram-frame">
      <div class="diagram" ref=${frame}>
        <svg class="edges" aria-hidden="true">
          <defs>
            <marker id="arrow" markerUnits="userSpaceOnUse" markerWidth="8" markerHeight="8" refX="8" refY="4" orient="auto">
              <path d="M0 0 L8 4 L0 8 Z" class="arrow" />
            </marker>
          </defs>
          ${[...lines].map(([name, line]) => drawEdge(line, rates.get(name)))}
          <g ref=${dots} />
        </svg>
        <${Parts} chosen=${chosen} select=${select} />
      </div>
      <p class="legend">
        ${kinds.map((kind) => html`<span class="legend-item">${sample(kind)}${texts.t(`dot.${kind}`)}</span>`)}
        <span>${texts.t(each > 1 ? 'dot.several' : 'dot.one', { each })}</span>
      </p>
    </div>`
}

/** The requests per second along each line, as texts. @param {Reading | undefined} reading @param {Texts} texts */
function ratesOf(reading, texts) {
  if (!reading) return new Map()
  const { snapshot, earlier } = reading
  const seconds = (Date.parse(snapshot.at) - Date.parse(earlier.at)) / 1000 || 1
  const counts = [...trafficOf(flowsBetween(earlier, snapshot))]
  return new Map(counts.map(([name, count]) => [name, `${texts.number(Number((count / seconds).toPrecision(2)))}/s`]))
}

/** The parts as one stop of the Tab key; the arrow keys move among them (roving tabindex, WAI-ARIA Authoring Practices). */
function Parts(/** @type {{ chosen: PartName | undefined, select(part: PartName): void }} */ { chosen, select }) {
  const { texts, live, parts } = useLab()
  const [stop, setStop] = useState(0)
  const snapshot = live.reading()?.snapshot
  const move = (/** @type {KeyboardEvent} */ event) => {
    const to = moved(event, stop, partNames.length)
    if (to === undefined) return
    event.preventDefault()
    document.getElementById(`part-${partNames[to]}`)?.focus()
  }
  const buttons = partNames.map((part, index) => {
    const { figure = '', unit = '', detail = '', trouble = false } = snapshot ? figuresOf(part, snapshot, texts) : {}
    const title = parts.find((known) => known.part === part)?.title
    return html`
      <button
        id=${`part-${part}`}
        class=${`part part-${part} ${trouble ? 'trouble' : ''}`}
        type="button"
        tabindex=${index === stop ? 0 : -1}
        aria-expanded=${part === chosen}
        aria-controls="part-panel"
        onClick=${() => select(part)}
        onFocus=${() => setStop(index)}
      >
        <span class="part-name">${title ? texts.of(title) : part}</span>
        <span class="part-figure">${figure}</span>
        <span class="part-unit">${unit}</span>
        <span class="part-detail">${detail}</span>
      </button>`
  })
  return html`<div class="parts" role="group" aria-label=${texts.t('diagram')} onKeyDown=${move}>${buttons}</div>`
}

/** The lines between the parts' buttons as they are laid out now. @returns {Map<string, Line>} */
function measured() {
  const boxOf = (/** @type {string} */ id) => document.getElementById(id)?.getBoundingClientRect() ?? new DOMRect()
  const { left, top } = document.querySelector('.diagram')?.getBoundingClientRect() ?? new DOMRect()
  return new Map(
    edges.map(([from, to]) => [
      `${from}-${to}`,
      lineBetween(boxOf(`part-${from}`), boxOf(`part-${to}`), { left, top }),
    ]),
  )
}

/** @param {Line} line @param {string | undefined} rate */
function drawEdge({ x1, y1, x2, y2 }, rate) {
  const across = y1 === y2
  const [x, y] = [(x1 + x2) / 2 + (across ? 0 : 8), (y1 + y2) / 2 + (across ? -9 : 5)]
  return html`
    <line class="edge" marker-end="url(#arrow)" x1=${x1} y1=${y1} x2=${x2} y2=${y2} />
    <text class="edge-label" x=${x} y=${y} text-anchor=${across ? 'middle' : 'start'}>${rate}</text>`
}

/** @param {Kind} kind */
const sample = (kind) =>
  html`<svg width="18" height="18" viewBox="-9 -9 18 18" aria-hidden="true"><path class=${`dot dot-${kind}`} d=${shapeOf[kind]} /></svg>`
