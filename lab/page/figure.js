// @ts-check
import { h } from './dom.js'
import { plot } from './plot.js'
import { ticks, valuesAt } from './scale.js'
import { table } from './table.js'

/** @import { Line } from './plot.js' */
/** @import { Texts } from './texts.js' */

/** Rows of the table beside a plot, about. */
const ROWS = 20

/**
 * A plot with its table twin, for whoever cannot see the plot or wants the numbers.
 * @typedef {{ element: HTMLElement, update(lines: Line[], highest?: { t: number, value: number }): void, close(): void }} Figure
 *
 * @param {{ title: string, unit: string }} about
 * @param {Texts} texts
 * @returns {Figure}
 */
export function figure({ title, unit }, texts) {
  /** @type {Line[]} */
  let lines = []
  /** @type {{ t: number, value: number } | undefined} */
  let highest
  const canvas = h('div', { class: 'canvas' })
  const twin = h('details', { class: 'fold' }, h('summary', {}, texts.t('figure.as_table', { title })))
  const element = h('figure', { class: 'figure' }, canvas, twin)

  function draw() {
    const width = Math.floor(canvas.clientWidth)
    if (width > 0) canvas.replaceChildren(plot({ title, unit, lines, width, highest, texts }))
  }
  function tabulate() {
    if (twin.open) twin.replaceChildren(...[...twin.children].slice(0, 1), tableOf(lines, { title, unit }, texts))
  }
  twin.addEventListener('toggle', tabulate)
  let width = 0
  const observer = new ResizeObserver(() => {
    if (canvas.clientWidth === width) return
    width = canvas.clientWidth
    draw()
  })
  observer.observe(canvas)

  return {
    element,
    update(next, atLeast) {
      lines = next
      highest = atLeast
      draw()
      tabulate()
    },
    close: () => observer.disconnect(),
  }
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
