// @ts-check
import { html } from 'htm/preact'

/**
 * A table whose first column heads its rows; it scrolls by itself where it is wider than the page. One that `stacks`
 * shows each row as a block on a narrow screen. The roles are explicit because a table that is not laid out as one loses
 * them in some browsers.
 * @param {{ caption: string, columns: string[], rows: unknown[][], numbers?: boolean, captionHidden?: boolean,
 *   stacks?: boolean, id?: string }} contents `numbers`: cells are aligned right; `captionHidden`: a heading says it already
 */
export function table({ caption, columns, rows, numbers = true, captionHidden = false, stacks = false, id }) {
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label=${caption}>
      <table id=${id} role="table" class=${`${numbers ? 'numbers' : ''} ${stacks ? 'stacks' : ''}`}>
        <caption class=${captionHidden ? 'unseen' : ''}>${caption}</caption>
        <thead role="rowgroup">
          <tr role="row">${columns.map((column) => html`<th scope="col" role="columnheader">${column}</th>`)}</tr>
        </thead>
        <tbody role="rowgroup">
          ${rows.map(
            ([first, ...rest]) => html`
              <tr role="row">
                <th scope="row" role="rowheader">${first}</th>
                ${rest.map((cell, index) => html`<td role="cell" data-column=${columns[index + 1]}>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`
}
