// @ts-check
import { html } from 'htm/preact'

/** @import { Setting } from '../protocol/experiment-schema.ts' */
/** @import { Texts } from './texts.js' */

/**
 * A field for each setting, with the value of the address where that is valid, otherwise with the default.
 * @param {Setting[]} settings
 * @param {Record<string, string>} given
 * @param {Texts} texts
 */
export function settingsFields(settings, given, texts) {
  return settings.map((setting) => {
    const { name, type, label, min = 0, max = 0, unit = '' } = setting
    const id = `setting-${name}`
    const value = valid(setting, given[name]) ?? String(setting.default)
    return html`
      <div class="field" key=${name}>
        <label for=${id}>${texts.of(label)}</label>
        ${
          type === 'choice'
            ? html`<select id=${id} name=${name}>${options(setting, value, texts)}</select>`
            : html`
              <input id=${id} name=${name} type="number" inputmode="numeric" defaultValue=${value} min=${min} max=${max}
                step="1" required aria-describedby=${`${id}-hint`} />
              <span id=${`${id}-hint`} class="hint">${texts.t('setting.range', { min, max })} ${unit}</span>`
        }
      </div>`
  })
}

/**
 * The settings in a form, as the server takes them.
 * @param {HTMLFormElement} form @param {Setting[]} settings @returns {Record<string, string | number>}
 */
export function settingsIn(form, settings) {
  const data = new FormData(form)
  return Object.fromEntries(
    settings.map(({ name, type }) => {
      const value = String(data.get(name))
      return [name, type === 'integer' ? Number(value) : value]
    }),
  )
}

/** @param {Setting} setting @param {string | undefined} text */
function valid({ type, choices }, text) {
  if (text === undefined) return undefined
  return (type === 'integer' ? /^-?\d+$/.test(text) : choices?.includes(text)) ? text : undefined
}

/** @param {Setting} setting @param {string} value @param {Texts} texts */
const options = ({ name, choices = [] }, value, texts) =>
  choices.map(
    (each) =>
      html`<option value=${each} selected=${each === value}>${texts.maybe(`choice.${name}.${each}`, each)}</option>`,
  )
