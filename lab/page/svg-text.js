// @ts-check
import { html } from 'htm/preact'

/** Pixels between the lines of a title. */
const LINE = 20
/** Pixels that a character of a title takes, roughly. */
const PER_CHARACTER = 9.5

/** A text in lines of at most so many characters; SVG does not wrap. @param {string} text @param {number} characters @returns {string[]} */
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
  const text = lines.map((line, index) => html`<tspan x="2" y=${18 + index * LINE}>${line}</tspan>`)
  return { element: html`<text class="plot-title">${text}</text>`, height: lines.length * LINE }
}
