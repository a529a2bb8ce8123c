// @ts-check
import { h, svg } from './dom.js'
import { ticks } from './scale.js'
import { titleOf } from './svg-text.js'
import { table } from './table.js'

/** @import { Moment } from '../protocol/run-schema.ts' */
/** @import { Texts } from './texts.js' */

const LANE = 50
const RADIUS = 11
/** Marks of a lane that would cover each other are moved off its line by so many pixels, in turn. */
const ASIDE = [0, -2 * RADIUS, 2 * RADIUS]

/**
 * What happened in one variant: a lane for each of those who did something, with numbered marks at their times, and the
 * same as a table, which says what each was.
 * @param {{ title: string, about: string }} names
 * @param {Texts} texts
 */
export function timelineFigure({ title, about }, texts) {
  const canvas = h('div', { class: 'canvas' })
  const list = h('div')
  /** @type {Moment[]} */
  let moments = []
  let [seconds, width] = [0, 0]
  const draw = () => {
    if (width > 0 && moments.length > 0) canvas.replaceChildren(drawLanes({ title, moments, width, seconds, texts }))
  }
  const observer = new ResizeObserver(() => {
    if (canvas.clientWidth === width) return
    width = canvas.clientWidth
    draw()
  })
  observer.observe(canvas)
  return {
    element: h('figure', { class: 'figure timeline-figure', 'data-variant': about }, canvas, list),
    /** @param {Moment[]} next @param {number} end seconds that the axis reaches at least */
    update(next, end) {
      if (next.length === moments.length && end === seconds) return
      moments = [...next]
      seconds = Math.max(end, moments.at(-1)?.t ?? 0)
      draw()
      list.replaceChildren(momentsTable(title, moments, texts))
    },
    close: () => observer.disconnect(),
  }
}

/** @param {{ title: string, moments: Moment[], width: number, seconds: number, texts: Texts }} options */
function drawLanes({ title, moments, width, seconds, texts }) {
  const lanes = [...new Set(moments.map(({ who }) => who))]
  const names = lanes.map((who) => texts.maybe(`who.${who}`, who))
  const left = Math.min(width / 3, 10 + 9 * Math.max(...names.map((name) => name.length)))
  const right = width - 20
  const times = ticks(0, seconds, width < 480 ? 3 : 8)
  const end = times.at(-1) ?? 1
  const x = (/** @type {number} */ t) => left + 14 + (t / end) * (right - left - 14)
  const heading = titleOf(title, width)
  const top = heading.height + 14
  const bottom = top + lanes.length * LANE
  const laneY = (/** @type {string} */ who) => top + lanes.indexOf(who) * LANE + LANE / 2
  const height = bottom + 46
  const box = { width, height, viewBox: `0 0 ${width} ${height}` }
  return svg(
    'svg',
    { class: 'plot timeline', ...box, role: 'img', 'aria-label': title },
    svg('rect', { class: 'plot-back', width, height }),
    heading.element,
    ...lanes.flatMap((who, index) => [
      svg('text', { class: 'legend-text', x: 2, y: laneY(who) + 5 }, names[index]),
      svg('line', { class: 'grid', x1: left, x2: right, y1: laneY(who), y2: laneY(who) }),
    ]),
    ...times.map((time) =>
      svg('text', { class: 'tick', x: x(time), y: bottom + 18, 'text-anchor': 'middle' }, texts.number(time)),
    ),
    svg('text', { class: 'tick', x: right, y: bottom + 38, 'text-anchor': 'end' }, texts.t('plot.seconds')),
    ...marksOf(moments, x, laneY),
  )
}

/** @param {Moment[]} moments @param {(t: number) => number} x @param {(who: string) => number} y */
function marksOf(moments, x, y) {
  /** @type {Map<string, { right: number, aside: number }>} the last mark of each lane */
  const last = new Map()
  return moments.map(({ t, who }, index) => {
    const before = last.get(who)
    const covers = before !== undefined && x(t) < before.right
    const aside = covers ? (before.aside + 1) % ASIDE.length : 0
    last.set(who, { right: x(t) + 2 * RADIUS, aside })
    const at = `translate(${x(t).toFixed(1)} ${y(who) + (ASIDE[aside] ?? 0)})`
    const number = svg('text', { class: 'moment-number', y: 5, 'text-anchor': 'middle' }, index + 1)
    return svg('g', { transform: at }, svg('circle', { class: 'moment', r: RADIUS }), number)
  })
}

/** @param {string} title @param {Moment[]} moments @param {Texts} texts */
function momentsTable(title, moments, texts) {
  const rows = moments.map(({ t, who, text }, index) => [
    String(index + 1),
    texts.quantity(t, 's'),
    texts.maybe(`who.${who}`, who),
    texts.of(text),
  ])
  const columns = ['№', texts.t('timeline.when'), texts.t('timeline.who'), texts.t('timeline.what')]
  return h(
    'div',
    { class: 'moments' },
    table({ caption: title, columns, rows, numbers: false, captionHidden: true, stacks: true }),
  )
}
