// @ts-check
import { html } from 'htm/preact'

const shapes = [
  'M-5 0 a5 5 0 1 0 10 0 a5 5 0 1 0 -10 0 Z', // circle
  'M0 -6 L6 5 L-6 5 Z', // triangle
  'M-4.5 -4.5 H4.5 V4.5 H-4.5 Z', // square
  'M0 -6 L6 0 L0 6 L-6 0 Z', // diamond
  'M0 6 L6 -5 L-6 -5 Z', // triangle down
  'M-6 -2 H-2 V-6 H2 V-2 H6 V2 H2 V6 H-2 V2 H-6 Z', // cross
]

/**
 * The marker of a line's style, with a text that is shown under the pointer.
 * @param {number} style @param {number} x @param {number} y in pixels @param {string} [says]
 */
export const markAt = (style, x, y, says) => html`
  <path class="mark" d=${shapes[style % shapes.length]} transform=${`translate(${x.toFixed(1)} ${y.toFixed(1)})`}>
    ${says && html`<title>${says}</title>`}
  </path>`
