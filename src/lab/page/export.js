// @ts-check
import { h, svg } from './dom.js'

/** @import { Experiment, Run } from '../protocol.ts' */
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
    const drawings = places().flatMap((place) => [...place.querySelectorAll('svg')])
    const title = `${texts.of(experiment.title)} · ${texts.moment(run.started_at)}`
    return joined(drawings, title, run.verdict ? texts.of(run.verdict.text) : '')
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
 * One picture of several, below each other, which carries its own styles.
 * @param {SVGSVGElement[]} drawings
 * @param {string} title
 * @param {string} text
 */
function joined(drawings, title, text) {
  const width = Math.max(640, ...drawings.map((drawing) => drawing.width.baseVal.value)) + 2 * MARGIN
  const body = getComputedStyle(document.body)
  const lines = wrapped(text, Math.floor((width - 2 * MARGIN) / 8))
  const ink = { x: MARGIN, fill: body.color, 'font-family': body.fontFamily }
  const head = [
    svg('text', { ...ink, y: MARGIN + 16, 'font-size': 20, 'font-weight': 600 }, title),
    ...lines.map((line, index) => svg('text', { ...ink, y: MARGIN + 46 + index * 22, 'font-size': 15 }, line)),
  ]
  let y = MARGIN + 50 + lines.length * 22
  const copies = drawings.map((drawing) => {
    const copy = styledCopy(drawing)
    copy.setAttribute('x', String(MARGIN))
    copy.setAttribute('y', String(y))
    y += drawing.height.baseVal.value + MARGIN
    return copy
  })
  const size = { width, height: y, viewBox: `0 0 ${width} ${y}` }
  const back = svg('rect', { width, height: y, fill: body.backgroundColor })
  return svg('svg', { ...size, xmlns: 'http://www.w3.org/2000/svg' }, back, ...head, ...copies)
}

/** @param {SVGSVGElement} drawing */
function styledCopy(drawing) {
  const copy = /** @type {SVGSVGElement} */ (drawing.cloneNode(true))
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

/** @param {string} text @param {number} characters in a line @returns {string[]} */
function wrapped(text, characters) {
  return text.match(new RegExp(`.{1,${characters}}(\\s|$)`, 'g'))?.map((line) => line.trim()) ?? []
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
