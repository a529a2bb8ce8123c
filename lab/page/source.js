// @ts-check
import { source } from './api.js'
import { h } from './dom.js'

/** @import { Texts } from './texts.js' */

/** Comments, strings and keywords of TypeScript and SQL, enough to tell them apart at a glance. */
const token =
  /(\/\*[\s\S]*?\*\/|\/\/.*|^--.*)|('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)|\b(as|async|await|break|case|catch|class|const|continue|default|else|export|extends|finally|for|from|function|if|implements|import|in|instanceof|interface|let|new|of|readonly|return|satisfies|static|switch|throw|try|type|typeof|undefined|null|true|false|while)\b/gm

/**
 * A source file of the shop, numbered by line, in a box that scrolls.
 * @param {string} path
 * @param {Texts} texts
 */
export function showSource(path, texts) {
  const code = h('code', {}, texts.t('loading'))
  const box = h('pre', { class: 'source', tabindex: '0', role: 'group', 'aria-label': path }, code)
  source(path).then(
    (text) => {
      code.replaceChildren(...coloured(text.trimEnd()))
      const lines = text.trimEnd().split('\n').length
      const numbers = Array.from({ length: lines }, (_, index) => index + 1).join('\n')
      box.prepend(h('span', { class: 'line-numbers', 'aria-hidden': 'true' }, numbers))
    },
    (error) => code.replaceChildren(texts.t('failed', { error: error.message })),
  )
  return h('figure', { class: 'source-file' }, h('figcaption', {}, h('code', {}, path)), box)
}

/** @param {string} text @returns {(string | HTMLElement)[]} */
function coloured(text) {
  /** @type {(string | HTMLElement)[]} */
  const pieces = []
  let end = 0
  for (const match of text.matchAll(token)) {
    const kind = match[1] ? 'comment' : match[2] ? 'string' : 'keyword'
    pieces.push(text.slice(end, match.index), h('span', { class: kind }, match[0]))
    end = match.index + match[0].length
  }
  return [...pieces, text.slice(end)]
}
