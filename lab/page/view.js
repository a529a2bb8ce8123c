// @ts-check
import { html } from 'htm/preact'
import { useEffect } from 'preact/hooks'
import { useLab } from './lab-context.js'

/** A view: its heading, which is also the title of the window, and its contents. */
export function View(/** @type {{ title: string, children?: unknown }} */ { title, children }) {
  const { texts } = useLab()
  useEffect(() => {
    document.title = `${title} · ${texts.t('brand')}`
  }, [title, texts])
  return html`<div class="view"><h1 tabindex="-1">${title}</h1>${children}</div>`
}
