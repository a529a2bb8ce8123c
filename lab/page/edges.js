// @ts-check
import { svg } from './dom.js'

/** Which part asks which, in the direction of the request. */
const edges = /** @type {const} */ ([
  ['client', 'limiter'],
  ['limiter', 'api'],
  ['api', 'cache'],
  ['api', 'database'],
  ['api', 'queue'],
  ['queue', 'worker'],
  ['worker', 'database'],
])

/** @typedef {{ path: SVGPathElement, label: SVGTextElement }} Edge */

/**
 * Lines between the parts, drawn from where the parts' buttons are, so that they follow every layout of the style sheet.
 * @param {SVGSVGElement} canvas lies over the diagram
 * @param {Map<string, HTMLElement>} parts
 */
export function openEdges(canvas, parts) {
  /** @type {Map<string, Edge>} */
  const drawn = new Map()
  const arrow = svg('path', { d: 'M0 0 L8 4 L0 8 Z', class: 'arrow' })
  const size = { markerWidth: 8, markerHeight: 8, refX: 8, refY: 4, orient: 'auto' }
  canvas.append(svg('defs', {}, svg('marker', { id: 'arrow', markerUnits: 'userSpaceOnUse', ...size }, arrow)))
  for (const [from, to] of edges) {
    const path = svg('path', { class: 'edge', 'marker-end': 'url(#arrow)' })
    const label = svg('text', { class: 'edge-label' })
    canvas.append(path, label)
    drawn.set(`${from}-${to}`, { path, label })
  }

  function place() {
    const origin = canvas.getBoundingClientRect()
    for (const [from, to] of edges) {
      const a = parts.get(from)?.getBoundingClientRect()
      const b = parts.get(to)?.getBoundingClientRect()
      const edge = drawn.get(`${from}-${to}`)
      if (!a || !b || !edge) continue
      const { x1, y1, x2, y2 } = between(a, b)
      const [left, top] = [origin.left, origin.top]
      edge.path.setAttribute('d', `M${x1 - left} ${y1 - top} L${x2 - left} ${y2 - top}`)
      const across = y1 === y2
      edge.label.setAttribute('x', String((x1 + x2) / 2 - left + (across ? 0 : 8)))
      edge.label.setAttribute('y', String((y1 + y2) / 2 - top + (across ? -9 : 5)))
      edge.label.setAttribute('text-anchor', across ? 'middle' : 'start')
    }
  }
  return { drawn, place }
}

/**
 * A straight line from one box to the next: across where they stand side by side, else down, in the middle of what they
 * have in common.
 * @param {DOMRect} a @param {DOMRect} b
 */
function between(a, b) {
  if (b.left >= a.right) {
    const y = (Math.max(a.top, b.top) + Math.min(a.bottom, b.bottom)) / 2
    return { x1: a.right, y1: y, x2: b.left, y2: y }
  }
  const x = (Math.max(a.left, b.left) + Math.min(a.right, b.right)) / 2
  return { x1: x, y1: a.bottom, x2: x, y2: b.top }
}
