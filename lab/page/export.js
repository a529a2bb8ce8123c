// @ts-check
import { html } from 'htm/preact'
import { render } from 'preact'
import { useLab } from './lab-context.js'
import { wrapped } from './svg-text.js'

/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Run } from '../protocol/run-schema.ts' */

/** The properties of the style sheet that a drawing needs to look the same without it. */
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
/** Pixels of the PNG for each pixel of the page. */
const SHARPNESS = 2

/**
 * Buttons that save a run: its data as JSON, its figures as one picture.
 * @param {{ run: Run, experiment: Experiment, panel: { current: HTMLElement | null } }} properties `panel`: with the figures
 */
export function ExportButtons({ run, experiment, panel }) {
  const { texts } = useLab()
  const picture = () => {
    const figures = [...(panel.current?.querySelectorAll('.figure') ?? [])]
    const title = `${texts.of(experiment.title)} · ${texts.moment(run.started_at)}`
    return joined(figures, title, run.verdict ? texts.of(run.verdict.text) : '')
  }
  const json = () => new Blob([JSON.stringify(run, null, 2)], { type: 'application/json' })
  const formats = { JSON: json, SVG: () => asBlob(picture()), PNG: () => toPng(picture()) }
  return html`
    <span class="hint">${texts.t('export')}</span>
    ${Object.entries(formats).map(
      ([format, make]) => html`
        <button type="button" aria-label=${texts.t('export.as', { format })}
          onClick=${async () => save(await make(), `${run.run_id}.${format.toLowerCase()}`)}>${format}</button>`,
    )}`
}

/**
 * One picture of several figures below each other, with its own styles. The moments of a timeline are listed below it.
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
  let y = MARGIN
  /** @param {string} line @param {number} size @param {number} [weight] */
  const write = (line, size, weight = 400) =>
    wrapped(line, (1.7 * (width - 2 * MARGIN)) / size).map((part) => {
      y += size * 1.5
      const style = { fill: color, 'font-family': fontFamily, 'font-size': size, 'font-weight': weight }
      return html`<text x=${MARGIN} y=${y} ...${style}>${part}</text>`
    })
  const contents = [
    write(title, 20, 600),
    write(text, 16),
    ...drawn.map(({ drawing, notes }) => {
      const top = y + MARGIN
      y = top + drawing.height.baseVal.value
      const copy = styledCopy(drawing)
      return html`
        <g transform=${`translate(${MARGIN} ${top})`} ref=${(/** @type {Element | null} */ place) => place?.append(copy)} />
        ${notes.map((note) => write(note, 15))}`
    }),
  ]
  const height = y + MARGIN
  const ground = drawn[0] && getComputedStyle(drawn[0].drawing.querySelector('.plot-back') ?? document.body).fill
  const place = document.createElement('div')
  render(
    html`
      <svg width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}>
        <rect width=${width} height=${height} fill=${ground ?? 'none'} />
        ${contents}
      </svg>`,
    place,
  )
  return /** @type {SVGSVGElement} */ (place.firstElementChild)
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
  const canvas = document.createElement('canvas')
  canvas.width = image.width * SHARPNESS
  canvas.height = image.height * SHARPNESS
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no PNG'))), 'image/png'),
  )
}

/** @param {Blob} blob @param {string} name of the file */
function save(blob, name) {
  const url = URL.createObjectURL(blob)
  Object.assign(document.createElement('a'), { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
