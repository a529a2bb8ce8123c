// @ts-check
import { html } from 'htm/preact'
import { Fold } from './fold.js'
import { useLab } from './lab-context.js'
import { plot } from './plot.js'
import { ticks, valuesAt } from './scale.js'
import { table } from './table.js'
import { useWidth } from './use-width.js'

/** @import { Line } from './plot.js' */
/** @import { Texts } from './texts.js' */

/** Rows of the table beside a plot, roughly. */
const ROWS = 20

/**
 * A plot, and the same as a table for those who cannot see the plot or want the numbers.
 * @param {{ title: string, unit: string, lines: Line[], highest?: { t: number, value: number } }} properties
 */
export function Figure({ title, unit, lines, highest }) {
  const { texts } = useLab()
  const [canvas, width] = useWidth()
  return html`
    <figure class="figure">
      <div class="canvas" ref=${canvas}>${width > 0 && plot({ title, unit, lines, width, highest, texts })}</div>
      <${Fold} summary=${texts.t('figure.as_table', { title })} contents=${() => tableOf(lines, { title, unit }, texts)} />
    </figure>`
}

/** @param {Line[]} lines @param {{ title: string, unit: string }} about @param {Texts} texts */
function tableOf(lines, { title, unit }, texts) {
  const end = Math.max(0, ...lines.flatMap(({ points }) => points.map(([t]) => t)))
  const times = ticks(0, end, ROWS)
  const values = lines.map(({ points, shape }) => valuesAt(points, times, shape))
  return table({
    caption: unit ? `${title} (${unit})` : title,
    columns: [texts.t('plot.seconds'), ...lines.map(({ label }) => label)],
    rows: times.map((time, index) => [texts.number(time), ...values.map((line) => texts.quantity(line[index]))]),
  })
}
