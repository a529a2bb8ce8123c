// @ts-check
import { svg } from './dom.js'

/** Pixels between the lines of a title. */
const LINE = 20
/** Pixels a character of a title takes, about. */
const PER_CHARACTER = 9.5

/** A text in lines of at most so many characters; SVG breaks none by itself. @param {string} text @param {number} characters @returns {string[]} */
export function wrapped(text, characters) {
  const lines = text.match(new RegExp(`.{1,${Math.max(1, Math.floor(characters))}}(\\s|$)`, 'g'))
  return lines?.map((line) => line.trim()) ?? [text]
}

/**
 * The title of a drawing, in as many lines as its width needs.
 * @param {string} title
 * @param {number} width in pixels
 */
export function titleOf(title, width) {
  const lines = wrapped(title, width / PER_CHARACTER)
  const text = lines.map((line, index) => svg('tspan', { x: 2, y: 18 + index * LINE }, line))
  return { element: svg('text', { class: 'plot-title' }, ...text), height: lines.length * LINE }
}
