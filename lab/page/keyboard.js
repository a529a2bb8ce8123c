// @ts-check

/**
 * Where a key moves the focus within a group of controls, or undefined when it does not.
 * @param {KeyboardEvent} event
 * @param {number} at
 * @param {number} length
 */
export function moved({ key, ctrlKey, altKey, metaKey }, at, length) {
  if (ctrlKey || altKey || metaKey) return undefined
  if (key === 'ArrowRight' || key === 'ArrowDown') return (at + 1) % length
  if (key === 'ArrowLeft' || key === 'ArrowUp') return (at - 1 + length) % length
  if (key === 'Home') return 0
  if (key === 'End') return length - 1
  return undefined
}
