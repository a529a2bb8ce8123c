// @ts-check
import { html } from 'htm/preact'
import { useLab } from './lab-context.js'
import { ticks } from './scale.js'
import { titleOf } from './svg-text.js'
import { table } from './table.js'
import { useWidth } from './use-width.js'

/** @import { Moment } from '../protocol/run-schema.ts' */
/** @import { Texts } from './texts.js' */

const LANE = 50
const RADIUS = 11
/** Offsets in pixels, in turn, of marks that would cover each other on the line of their lane. */
const ASIDE = [0, -2 * RADIUS, 2 * RADIUS]

/**
 * What happened in one variant: a lane for each actor with numbered marks at their times, and a table of what each was.
 * @param {{ title: string, moments: Moment[], seconds: number }} properties `seconds`: what the axis reaches at least
 */
export function Timeline({ title, moments, seconds }) {
  const { texts } = useLab()
  const [canvas, width] = useWidth()
  return html`
    <figure class="figure timeline-figure">
      <div class="canvas" ref=${canvas}>${width > 0 && drawLanes({ title, moments, width, seconds, texts })}</div>
      <div class="moments">${momentsTable(title, moments, texts)}</div>
    </figure>`
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
  return html`
    <svg class="plot timeline" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${title}>
      <rect class="plot-back" width=${width} height=${height} />
      ${heading.element}
      ${lanes.map(
        (who, index) => html`
          <text class="legend-text" x="2" y=${laneY(who) + 5}>${names[index]}</text>
          <line class="grid" x1=${left} x2=${right} y1=${laneY(who)} y2=${laneY(who)} />`,
      )}
      ${times.map((t) => html`<text class="tick" x=${x(t)} y=${bottom + 18} text-anchor="middle">${texts.number(t)}</text>`)}
      <text class="tick" x=${right} y=${bottom + 38} text-anchor="end">${texts.t('plot.seconds')}</text>
      ${marksOf(moments, x, laneY)}
    </svg>`
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
    return html`
      <g transform=${at}>
        <circle class="moment" r=${RADIUS} />
        <text class="moment-number" y="5" text-anchor="middle">${index + 1}</text>
      </g>`
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
  return table({ caption: title, columns, rows, numbers: false, captionHidden: true, stacks: true })
}
