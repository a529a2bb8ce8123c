// @ts-check
import { html } from 'htm/preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useLab } from './lab-context.js'

/** @import { Key } from './texts.js' */

const KEPT = 'lab.tour'

/** The steps, and the place of the page that each is about; a step is shown even when its place is not in the page. @type {{ key: Key, place?: string }[]} */
const steps = [
  { key: 'tour.welcome' },
  { key: 'tour.diagram', place: '.diagram-frame' },
  { key: 'tour.traffic', place: '.traffic' },
  { key: 'tour.part', place: '#part-panel' },
  { key: 'tour.experiments', place: 'nav' },
  { key: 'tour.switches', place: '.switches' },
]

/** Whether this browser has neither finished nor skipped the tour. */
export const tourIsDue = () => localStorage.getItem(KEPT) === null

/** The tour, in a modal dialog of the browser: it keeps the focus, closes on Esc, and returns the focus. */
export function Tour(/** @type {{ end(): void }} */ { end }) {
  const { t } = useLab().texts
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null))
  const before = useRef(document.activeElement)
  const [at, setAt] = useState(0)
  const isLast = at === steps.length - 1
  const { key, place } = steps[at] ?? { key: 'tour.welcome' }
  useEffect(() => dialog.current?.showModal(), [])
  useEffect(() => {
    const marked = place ? document.querySelector(place) : null
    dialog.current?.classList.toggle('pointing', !!marked)
    if (marked) {
      marked.classList.add('tour-place')
      marked.scrollIntoView({ block: 'start', behavior: 'instant' })
    }
    dialog.current?.classList.toggle('above', hides(dialog.current, marked))
    dialog.current?.querySelector('h2')?.focus()
    return () => marked?.classList.remove('tour-place')
  }, [at])
  const close = () => dialog.current?.close()
  function closed() {
    localStorage.setItem(KEPT, 'seen')
    if (before.current === document.body) document.querySelector('h1')?.focus()
    end()
  }
  return html`
    <dialog class="tour" aria-labelledby="tour-title" ref=${dialog} onClose=${closed}>
      <p class="hint">${t('tour.count', { at: at + 1, of: steps.length })}</p>
      <h2 id="tour-title" tabindex="-1">${t(/** @type {Key} */ (`${key}.title`))}</h2>
      <p>${t(key)}</p>
      <div class="buttons">
        <button type="button" class="quiet" hidden=${isLast} onClick=${close}>${t('tour.skip')}</button>
        <button type="button" hidden=${at === 0} onClick=${() => setAt(at - 1)}>${t('tour.back')}</button>
        <button type="button" class="primary" onClick=${isLast ? close : () => setAt(at + 1)}>
          ${t(isLast ? 'tour.end' : 'tour.next')}
        </button>
      </div>
    </dialog>`
}

/**
 * Whether the dialog at the bottom of the window would hide the marked place, and at the top would not.
 * @param {HTMLElement} dialog @param {Element | null} marked
 */
function hides(dialog, marked) {
  if (!marked) return false
  const [{ height }, { top, bottom }] = [dialog.getBoundingClientRect(), marked.getBoundingClientRect()]
  return bottom > innerHeight - height && top > height
}
