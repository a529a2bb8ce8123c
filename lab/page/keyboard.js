// @ts-check

/**
 * Makes a group of controls one stop of the Tab key, with the arrow keys, Home and End moving within it (roving
 * tabindex, WAI-ARIA Authoring Practices).
 * @param {HTMLElement} group
 * @param {HTMLElement[]} controls in their order
 */
export function rove(group, controls) {
  /** @param {HTMLElement | undefined} chosen */
  const choose = (chosen) => {
    for (const control of controls) control.tabIndex = control === chosen ? 0 : -1
  }
  choose(controls[0])
  group.addEventListener('focusin', ({ target }) => {
    const control = controls.find((each) => each === target)
    if (control) choose(control)
  })
  group.addEventListener('keydown', (event) => {
    const at = controls.findIndex((control) => control.matches(':focus'))
    if (at < 0 || event.ctrlKey || event.altKey || event.metaKey) return
    const to = next(event.key, at, controls.length)
    if (to === undefined) return
    event.preventDefault()
    controls[to]?.focus()
  })
}

/** @param {string} key @param {number} at @param {number} length */
function next(key, at, length) {
  if (key === 'ArrowRight' || key === 'ArrowDown') return (at + 1) % length
  if (key === 'ArrowLeft' || key === 'ArrowUp') return (at - 1 + length) % length
  if (key === 'Home') return 0
  if (key === 'End') return length - 1
  return undefined
}
