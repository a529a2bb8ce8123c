// @ts-check
import { svg } from './dom.js'

/** @import { Edge } from './edges.js' */
/** @import { Flow, Kind } from './flows.js' */

/** Dots that a second's traffic is drawn with at most; with more, each stands for several. */
const MOST = 40
/** How long a dot takes along one line, in milliseconds. */
const PER_EDGE = 420
const SECOND = 1000

/** @typedef {{ shape: SVGElement, steps: { path: SVGPathElement, back: boolean }[], starts: number }} Dot */

/**
 * Moves the traffic that has been counted along the lines, spread over the second after it was told. It adds nothing of
 * its own: without traffic nothing moves, and who prefers reduced motion sees the figures alone.
 * @param {SVGSVGElement} canvas
 * @param {Map<string, Edge>} drawn
 */
export function openDots(canvas, drawn) {
  const still = matchMedia('(prefers-reduced-motion: reduce)')
  /** @type {Set<Dot>} */
  const dots = new Set()
  let frame = 0

  /** @param {number} now */
  function move(now) {
    for (const dot of dots) {
      const at = (now - dot.starts) / PER_EDGE
      if (at < 0) continue
      const step = dot.steps[Math.floor(at)]
      if (!step) {
        dot.shape.remove()
        dots.delete(dot)
        continue
      }
      if (!dot.shape.parentNode) canvas.append(dot.shape)
      const length = step.path.getTotalLength()
      const along = at % 1
      const { x, y } = step.path.getPointAtLength(length * (step.back ? 1 - along : along))
      dot.shape.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)})`)
    }
    frame = dots.size > 0 ? requestAnimationFrame(move) : 0
  }

  return {
    /**
     * @param {Flow[]} flows what went through in the last second
     * @returns {number} how many requests one dot stands for
     */
    send(flows) {
      const total = flows.reduce((sum, { count }) => sum + count, 0)
      const each = Math.max(1, Math.ceil(total / MOST))
      if (still.matches || document.hidden) return each
      const now = performance.now()
      for (const { kind, steps, count } of flows) {
        const number = Math.ceil(count / each)
        const path = steps.flatMap(({ edge, back }) => {
          const found = drawn.get(edge)
          return found ? [{ path: found.path, back }] : []
        })
        for (let index = 0; index < number; index++)
          dots.add({ shape: shapeOf(kind), steps: path, starts: now + (index * SECOND) / number })
      }
      if (!frame && dots.size > 0) frame = requestAnimationFrame(move)
      return each
    },
    close: () => cancelAnimationFrame(frame),
  }
}

/** Told apart by shape as well as by colour. @param {Kind} kind */
export function shapeOf(kind) {
  if (kind === 'read') return svg('circle', { r: 6, class: 'dot dot-read' })
  if (kind === 'order') return svg('rect', { x: -6, y: -6, width: 12, height: 12, class: 'dot dot-order' })
  if (kind === 'denied') return svg('path', { d: 'M-6 -6 L6 6 M-6 6 L6 -6', class: 'dot dot-denied' })
  return svg('path', { d: 'M0 -7 L7 0 L0 7 L-7 0 Z', class: 'dot dot-other' })
}
