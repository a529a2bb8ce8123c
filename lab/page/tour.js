// @ts-check
import { h } from './dom.js'

/** @import { Key, Texts } from './texts.js' */

const KEPT = 'lab.tour'

/** What each step tells, and what of the page it is about; a step whose place is not in the page now is told without it. @type {{ key: Key, place?: string }[]} */
const steps = [
  { key: 'tour.welcome' },
  { key: 'tour.diagram', place: '.diagram-frame' },
  { key: 'tour.traffic', place: '.traffic' },
  { key: 'tour.part', place: '#part-panel' },
  { key: 'tour.experiments', place: 'nav' },
  { key: 'tour.switches', place: '.switches' },
]

/** Whether this browser has not been through the tour, nor skipped it. */
export const tourIsDue = () => localStorage.getItem(KEPT) === null

/**
 * Shows the tour. It is a modal dialog of the browser's own: that keeps the focus in it, ends by Esc, and gives the
 * focus back.
 * @param {Texts} texts
 */
export function openTour(texts) {
  const before = document.activeElement
  const title = h('h2', { id: 'tour-title', tabindex: '-1' })
  const text = h('p', {})
  const count = h('p', { class: 'hint' })
  const back = h('button', { type: 'button', onclick: () => show(at - 1) }, texts.t('tour.back'))
  const next = h('button', { type: 'button', class: 'primary', onclick: forward })
  const skip = h('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, texts.t('tour.skip'))
  const dialog = h(
    'dialog',
    { class: 'tour', 'aria-labelledby': 'tour-title' },
    count,
    title,
    text,
    h('div', { class: 'buttons' }, skip, back, next),
  )
  let at = 0
  /** @type {Element | null | undefined} */
  let marked
  dialog.addEventListener('close', () => {
    marked?.classList.remove('tour-place')
    localStorage.setItem(KEPT, 'seen')
    dialog.remove()
    if (before instanceof HTMLElement && before !== document.body) before.focus()
    else document.querySelector('h1')?.focus()
  })
  document.body.append(dialog)
  dialog.showModal()
  show(0)

  function forward() {
    if (at === steps.length - 1) dialog.close()
    else show(at + 1)
  }

  /** @param {number} index */
  function show(index) {
    at = index
    const step = steps[index]
    if (!step) return
    title.textContent = texts.t(/** @type {Key} */ (`${step.key}.title`))
    text.textContent = texts.t(step.key)
    count.textContent = texts.t('tour.count', { at: index + 1, of: steps.length })
    next.textContent = texts.t(index === steps.length - 1 ? 'tour.end' : 'tour.next')
    back.hidden = index === 0
    skip.hidden = index === steps.length - 1
    marked?.classList.remove('tour-place')
    marked = step.place ? document.querySelector(step.place) : undefined
    marked?.classList.add('tour-place')
    dialog.classList.toggle('pointing', marked != null)
    marked?.scrollIntoView({ block: 'start', behavior: 'instant' })
    dialog.classList.toggle('above', hidesBehind(dialog, marked))
    title.focus()
  }
}

/**
 * Whether a dialog at the bottom of the window would hide what it speaks of, and one at the top would not.
 * @param {HTMLElement} dialog @param {Element | null | undefined} marked
 */
function hidesBehind(dialog, marked) {
  if (!marked) return false
  const [{ height }, { top, bottom }] = [dialog.getBoundingClientRect(), marked.getBoundingClientRect()]
  return bottom > innerHeight - height && top > height
}
