// @ts-check
import { html } from 'htm/preact'
import { markAt } from './plot-marks.js'

const ROW = 24
const SAMPLE = 44
/** Pixels that a character takes at most on average, at the size of the legend. */
const PER_CHARACTER = 8

/**
 * A sample of each line with its name, in as many rows as the width needs.
 * @param {{ label: string, style: number }[]} lines
 * @param {number} width in pixels
 */
export function legend(lines, width) {
  let [left, row] = [2, 0]
  const items = lines.map(({ label, style }) => {
    const wide = SAMPLE + label.length * PER_CHARACTER + 18
    if (left > 2 && left + wide > width) [left, row] = [2, row + 1]
    const at = `translate(${left} ${row * ROW + 12})`
    left += wide
    return html`
      <g class=${`line style-${style % 6}`} transform=${at}>
        <path class="stroke" d="M0 0 H36" />
        ${markAt(style, 18, 0)}
        <text class="legend-text" x=${SAMPLE} y="5">${label}</text>
      </g>`
  })
  return { items, height: (row + 1) * ROW }
}
