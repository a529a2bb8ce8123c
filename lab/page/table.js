// @ts-check
import { h } from './dom.js'

/** @typedef {string | Node} Cell */

/**
 * A table whose first column heads its rows; it scrolls by itself where it is wider than the page. One that `stacks`
 * shows each row as a block on a narrow screen; the roles are written out because a table that is no longer laid out as
 * one loses them in some browsers.
 * @param {{ caption: string, columns: string[], rows: Cell[][], numbers?: boolean, captionHidden?: boolean,
 *   stacks?: boolean, id?: string }} contents `numbers`: cells stand to the right; `captionHidden`: a heading says it already
 */
export function table({ caption, columns, rows, numbers = true, captionHidden = false, stacks = false, id }) {
  const head = columns.map((column) => h('th', { scope: 'col', role: 'columnheader' }, column))
  const body = rows.map(([first = '', ...rest]) =>
    h(
      'tr',
      { role: 'row' },
      h('th', { scope: 'row', role: 'rowheader' }, first),
      ...rest.map((cell, index) => h('td', { role: 'cell', 'data-column': columns[index + 1] }, cell)),
    ),
  )
  const inner = h(
    'table',
    { id, role: 'table', class: `${numbers ? 'numbers' : ''} ${stacks ? 'stacks' : ''}` },
    h('caption', { class: captionHidden ? 'unseen' : '' }, caption),
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ...head)),
    h('tbody', { role: 'rowgroup' }, ...body),
  )
  return h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': caption }, inner)
}
