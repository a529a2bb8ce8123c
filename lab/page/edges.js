// @ts-check

/** Which part calls which. */
export const edges = /** @type {const} */ ([
  ['client', 'limiter'],
  ['limiter', 'api'],
  ['api', 'cache'],
  ['api', 'database'],
  ['api', 'queue'],
  ['queue', 'worker'],
  ['worker', 'database'],
])

/** @typedef {{ x1: number, y1: number, x2: number, y2: number }} Line */

/**
 * A straight line from one box to the next: across when they stand side by side, otherwise down, in the middle of their
 * common side.
 * @param {DOMRect} a @param {DOMRect} b @param {{ left: number, top: number }} origin @returns {Line}
 */
export function lineBetween(a, b, { left, top }) {
  if (b.left >= a.right) {
    const y = (Math.max(a.top, b.top) + Math.min(a.bottom, b.bottom)) / 2 - top
    return { x1: a.right - left, y1: y, x2: b.left - left, y2: y }
  }
  const x = (Math.max(a.left, b.left) + Math.min(a.right, b.right)) / 2 - left
  return { x1: x, y1: a.bottom - top, x2: x, y2: b.top - top }
}
