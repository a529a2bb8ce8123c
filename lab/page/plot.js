// @ts-check
import { html } from 'htm/preact'
import { legend } from './plot-legend.js'
import { markAt } from './plot-marks.js'
import { ticks } from './scale.js'
import { titleOf } from './svg-text.js'

/** @import { Texts } from './texts.js' */

/**
 * A line of a plot. Each `style` has its own colour, dash and marker, so lines differ without colour, too.
 * @typedef {{ label: string, points: [number, number][], shape: 'line' | 'step', style: number }} Line
 */

const HEIGHT = 250
const BOTTOM = 44
const MARKERS = 10

/**
 * Lines over time, as SVG.
 * @param {{ title: string, unit: string, lines: Line[], width: number, texts: Texts,
 *   highest?: { t: number, value: number } | undefined }} options `width` in pixels; `highest`: what the axes reach at least
 */
export function plot({ title, unit, lines, width, highest, texts }) {
  const key = legend(lines, width)
  const heading = titleOf(unit ? `${title} (${unit})` : title, width)
  const [top, left, right] = [heading.height + key.height + 20, 62, width - 18]
  const bottom = top + HEIGHT - BOTTOM
  const height = bottom + BOTTOM
  const points = lines.flatMap((line) => line.points)
  const times = ticks(0, Math.max(highest?.t ?? 0, ...points.map(([t]) => t), 0), width < 480 ? 4 : 8)
  const values = valueTicks(
    points.map(([, value]) => value),
    highest?.value ?? 0,
  )
  const x = scale(0, times.at(-1) ?? 1, left, right)
  const y = scale(values[0] ?? 0, values.at(-1) ?? 1, bottom, top)

  const say = (/** @type {string} */ label, /** @type {[number, number]} */ [t, value]) =>
    `${label}: ${texts.quantity(t, 's')}, ${texts.quantity(value, unit)}`

  return html`
    <svg class="plot" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${title}>
      <rect class="plot-back" width=${width} height=${height} />
      ${heading.element}
      <g transform=${`translate(0 ${heading.height + 8})`}>${key.items}</g>
      ${values.map(
        (value) => html`
          <line class="grid" x1=${left} x2=${right} y1=${y(value)} y2=${y(value)} />
          <text class="tick" x=${left - 8} y=${y(value) + 5} text-anchor="end">${texts.number(value)}</text>`,
      )}
      ${times.map((t) => html`<text class="tick" x=${x(t)} y=${bottom + 20} text-anchor="middle">${texts.number(t)}</text>`)}
      <text class="tick" x=${right} y=${bottom + 39} text-anchor="end">${texts.t('plot.seconds')}</text>
      <line class="axis" x1=${left} x2=${right} y1=${bottom} y2=${bottom} />
      ${lines.map((line) => drawLine(line, x, y, (point) => say(line.label, point)))}
    </svg>`
}

/**
 * @param {Line} line @param {(t: number) => number} x @param {(value: number) => number} y in pixels
 * @param {(point: [number, number]) => string} say what a mark says under the pointer
 */
function drawLine({ points, shape, style }, x, y, say) {
  const path = points.map(([t, value], index) => {
    const to = `${x(t).toFixed(1)} ${y(value).toFixed(1)}`
    if (index === 0) return `M${to}`
    return shape === 'step' ? `H${x(t).toFixed(1)} V${y(value).toFixed(1)}` : `L${to}`
  })
  const every = Math.max(1, Math.ceil(points.length / MARKERS))
  const marked = points.filter((_, index) => index % every === (style * 2) % every || index === points.length - 1)
  return html`
    <g class=${`line style-${style % 6}`}>
      <path class="stroke" d=${path.join(' ')} />
      ${marked.map((point) => markAt(style, x(point[0]), y(point[1]), say(point)))}
    </g>`
}

/**
 * The axis starts at 0, unless all values lie in a narrow band far above it.
 * @param {number[]} values
 * @param {number} atLeast what it reaches
 */
function valueTicks(values, atLeast) {
  const [lowest, highest] = [Math.min(...values), Math.max(...values, atLeast, 0)]
  return ticks(lowest > highest / 2 ? lowest : 0, highest, 4, values.every(Number.isInteger) ? 1 : 0)
}

/** @param {number} low @param {number} high @param {number} from @param {number} to @returns {(value: number) => number} pixels */
function scale(low, high, from, to) {
  return (value) => from + ((value - low) / (high - low)) * (to - from)
}
