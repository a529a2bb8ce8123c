// @ts-check

/** @import { Line } from './edges.js' */
/** @import { Flow, Kind } from './flows.js' */

/** Most dots that a second's traffic is drawn with; with more requests, each dot stands for several. */
const MOST = 40
/** Milliseconds that a dot takes along one line. */
const PER_EDGE = 420
const SECOND = 1000

/** The dots of each kind differ in shape as well as in colour: circle, square, diamond, cross. @type {Record<Kind, string>} */
export const shapeOf = {
  read: 'M-6 0 a6 6 0 1 0 12 0 a6 6 0 1 0 -12 0 Z',
  order: 'M-6 -6 H6 V6 H-6 Z',
  other: 'M0 -7 L7 0 L0 7 L-7 0 Z',
  denied: 'M-6 -6 L6 6 M-6 6 L6 -6',
}

/** @typedef {{ shape: SVGElement, steps: Line[], starts: number }} Dot */

/**
 * Moves the counted traffic along the lines, spread over the second after it was reported. Without traffic nothing moves,
 * and with reduced motion preferred there are no dots. Drawn by hand, sixty times a second.
 * @param {{ current: SVGGElement | null }} canvas
 */
export function openDots(canvas) {
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
      if (!dot.shape.parentNode) canvas.current?.append(dot.shape)
      const [x, y] = [step.x1 + (step.x2 - step.x1) * (at % 1), step.y1 + (step.y2 - step.y1) * (at % 1)]
      dot.shape.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)})`)
    }
    frame = dots.size > 0 ? requestAnimationFrame(move) : 0
  }

  return {
    /**
     * @param {Flow[]} flows the traffic of the last second
     * @param {Map<string, Line>} lines by edge
     * @returns {number} how many requests one dot stands for
     */
    send(flows, lines) {
      const total = flows.reduce((sum, { count }) => sum + count, 0)
      const each = Math.max(1, Math.ceil(total / MOST))
      if (still.matches || document.hidden) return each
      const now = performance.now()
      for (const { kind, steps, count } of flows) {
        const number = Math.ceil(count / each)
        const path = steps.flatMap(({ edge, back }) => {
          const line = lines.get(edge)
          return line ? [back ? { x1: line.x2, y1: line.y2, x2: line.x1, y2: line.y1 } : line] : []
        })
        for (let index = 0; index < number; index++)
          dots.add({ shape: shape(kind), steps: path, starts: now + (index * SECOND) / number })
      }
      if (!frame && dots.size > 0) frame = requestAnimationFrame(move)
      return each
    },
    close: () => cancelAnimationFrame(frame),
  }
}

/** @param {Kind} kind */
function shape(kind) {
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('class', `dot dot-${kind}`)
  path.setAttribute('d', shapeOf[kind])
  return path
}
