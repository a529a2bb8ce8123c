// @ts-check
import { html } from 'htm/preact'
import { source } from './api.js'
import { useLab } from './lab-context.js'
import { useAnswer } from './use-answer.js'

/** Comments, strings and keywords of TypeScript and SQL, enough to tell them apart at a glance. */
const token =
  /(\/\*[\s\S]*?\*\/|\/\/.*|^--.*)|('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)|\b(as|async|await|break|case|catch|class|const|continue|default|else|export|extends|finally|for|from|function|if|implements|import|in|instanceof|interface|let|new|of|readonly|return|satisfies|static|switch|throw|try|type|typeof|undefined|null|true|false|while)\b/gm

/** A source file of the shop with line numbers, in a box that scrolls. */
export function Source(/** @type {{ path: string }} */ { path }) {
  const { texts } = useLab()
  const { value, error } = useAnswer(() => source(path))
  const text = value?.trimEnd()
  const lines = text?.split('\n').map((_, index) => index + 1)
  return html`
    <figure class="source-file">
      <figcaption><code>${path}</code></figcaption>
      <pre class="source" tabindex="0" role="group" aria-label=${path}>${
        lines && html`<span class="line-numbers" aria-hidden="true">${lines.join('\n')}</span>`
      }<code>${text === undefined ? texts.waiting(error) : coloured(text)}</code></pre>
    </figure>`
}

/** @param {string} text */
function coloured(text) {
  /** @type {unknown[]} */
  const pieces = []
  let end = 0
  for (const match of text.matchAll(token)) {
    const kind = match[1] ? 'comment' : match[2] ? 'string' : 'keyword'
    pieces.push(text.slice(end, match.index), html`<span class=${kind}>${match[0]}</span>`)
    end = match.index + match[0].length
  }
  return [...pieces, text.slice(end)]
}
