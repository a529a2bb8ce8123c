// @ts-check
import { html } from 'htm/preact'
import { useState } from 'preact/hooks'

/** Contents that are rendered once they are unfolded. */
export function Fold(/** @type {{ summary: unknown, contents: () => unknown }} */ { summary, contents }) {
  const [open, setOpen] = useState(false)
  return html`
    <details class="fold" onToggle=${(/** @type {any} */ { currentTarget }) => setOpen(currentTarget.open)}>
      <summary>${summary}</summary>
      ${open && contents()}
    </details>`
}
