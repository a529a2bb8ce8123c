// @ts-check
import { h, set, svg } from './dom.js'
import { wrapped } from './svg-text.js'

/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Run } from '../protocol/run-schema.ts' */
/** @import { Texts } from './texts.js' */

/** What the style sheet gives a drawing, that it needs to look the same without it. */
const properties = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linejoin',
  'font-family',
  'font-size',
  'font-weight',
]
const MARGIN = 24
/** Pixels of the PNG for each of the page. */
const SHARPNESS = 2

/**
 * Buttons that save a run: its data as JSON, its figures as one picture.
 * @param {Run} run
 * @param {Experiment} experiment
 * @param {Texts} texts
 * @param {() => HTMLElement[]} places where its figures are
 */
export function exportButtons(run, experiment, texts, places) {
  const picture = () => {
    const figures = places().flatMap((place) => [...place.querySelectorAll('.figure')])
    const title = `${texts.of(experiment.title)} · ${texts.moment(run.started_at)}`
    return joined(figures, title, run.verdict ? texts.of(run.verdict.text) : '')
  }
  const json = () => save(new Blob([JSON.stringify(run, null, 2)], { type: 'application/json' }), `${run.run_id}.json`)
  const asSvg = () => save(asBlob(picture()), `${run.run_id}.svg`)
  const asPng = () => void toPng(picture()).then((blob) => save(blob, `${run.run_id}.png`))
  /** @param {string} format @param {() => void} onclick */
  const button = (format, onclick) =>
    h('button', { type: 'button', 'aria-label': texts.t('export.as', { format }), onclick }, format)
  return [
    h('span', { class: 'hint' }, texts.t('export')),
    button('JSON', json),
    button('SVG', asSvg),
    button('PNG', asPng),
  ]
}

/**
 * One picture of several figures, below each other, which carries its own styles. What a timeline's marks stand for is
 * written below it.
 * @param {Element[]} figures
 * @param {string} title
 * @param {string} text
 */
function joined(figures, title, text) {
  const drawn = figures.flatMap((figure) => {
    const drawing = figure.querySelector('svg')
    const rows = [...figure.querySelectorAll('.moments tbody tr')]
    const notes = rows.map((row) => [...row.children].map((cell) => cell.textContent).join(' · '))
    return drawing ? [{ drawing, notes }] : []
  })
  const width = Math.max(640, ...drawn.map(({ drawing }) => drawing.width.baseVal.value)) + 2 * MARGIN
  const { color, fontFamily } = getComputedStyle(document.body)
  const picture = svg('svg', { xmlns: 'http://www.w3.org/2000/svg' })
  let y = MARGIN
  /** @param {string} line @param {number} size @param {number} [weight] */
  const write = (line, size, weight = 400) => {
    for (const part of wrapped(line, (1.7 * (width - 2 * MARGIN)) / size)) {
      y += size * 1.5
      const style = { fill: color, 'font-family': fontFamily, 'font-size': size, 'font-weight': weight }
      picture.append(svg('text', { x: MARGIN, y, ...style }, part))
    }
  }
  write(title, 20, 600)
  write(text, 16)
  for (const { drawing, notes } of drawn) {
    y += MARGIN
    const copy = styledCopy(drawing)
    set(copy, { x: MARGIN, y })
    picture.append(copy)
    y += drawing.height.baseVal.value
    for (const note of notes) write(note, 15)
  }
  const height = y + MARGIN
  set(picture, { width, height, viewBox: `0 0 ${width} ${height}` })
  const ground = drawn[0] && getComputedStyle(drawn[0].drawing.querySelector('.plot-back') ?? document.body).fill
  picture.prepend(svg('rect', { width, height, fill: ground ?? 'none' }))
  return picture
}

/** @param {SVGSVGElement} drawing */
function styledCopy(drawing) {
  const copy = /** @type {SVGSVGElement} */ (drawing.cloneNode(true))
  copy.removeAttribute('class')
  const originals = drawing.querySelectorAll('*')
  copy.querySelectorAll('*').forEach((element, index) => {
    const original = originals[index]
    if (!original) return
    const style = getComputedStyle(original)
    for (const property of properties) element.setAttribute(property, style.getPropertyValue(property))
    element.removeAttribute('class')
  })
  return copy
}

/** @param {SVGSVGElement} picture */
const asBlob = (picture) => new Blob([new XMLSerializer().serializeToString(picture)], { type: 'image/svg+xml' })

/** @param {SVGSVGElement} picture @returns {Promise<Blob>} */
async function toPng(picture) {
  const url = URL.createObjectURL(asBlob(picture))
  const image = new Image()
  image.src = url
  await image.decode()
  URL.revokeObjectURL(url)
  const canvas = h('canvas', { width: image.width * SHARPNESS, height: image.height * SHARPNESS })
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no PNG'))), 'image/png'),
  )
}

/** @param {Blob} blob @param {string} name of the file */
function save(blob, name) {
  const url = URL.createObjectURL(blob)
  h('a', { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
