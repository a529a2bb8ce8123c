// @ts-check
import { h } from './dom.js'
/** @import { Setting } from '../protocol/experiment-schema.ts' */
/** @import { Texts } from './texts.js' */

/**
 * A field for each setting, filled from the address where it names one that can be used, else with the default.
 * @param {Setting[]} settings
 * @param {Record<string, string>} given
 * @param {Texts} texts
 */
export function settingsForm(settings, given, texts) {
  const fields = settings.map((setting) => {
    const id = `setting-${setting.name}`
    const value = usable(setting, given[setting.name]) ?? String(setting.default)
    const control = setting.type === 'choice' ? choice(setting, id, value, texts) : integer(setting, id, value)
    const range =
      setting.type === 'integer' ? texts.t('setting.range', { min: setting.min ?? 0, max: setting.max ?? 0 }) : ''
    const hint = h('span', { id: `${id}-hint`, class: 'hint' }, setting.unit ? `${range} ${setting.unit}` : range)
    const label = h('label', { for: id }, texts.of(setting.label))
    return { setting, control, element: h('div', { class: 'field' }, label, control, range ? hint : null) }
  })
  return {
    elements: fields.map(({ element }) => element),
    /** The settings as the server takes them. @returns {Record<string, string | number>} */
    values: () =>
      Object.fromEntries(
        fields.map(({ setting, control }) => [
          setting.name,
          setting.type === 'integer' ? Number(control.value) : control.value,
        ]),
      ),
  }
}

/** @param {Setting} setting @param {string | undefined} text */
function usable({ type, choices }, text) {
  if (text === undefined) return undefined
  return (type === 'integer' ? /^-?\d+$/.test(text) : choices?.includes(text)) ? text : undefined
}

/** @param {Setting} setting @param {string} id @param {string} value */
function integer({ name, min, max }, id, value) {
  const range = { min, max, step: 1, required: true, 'aria-describedby': `${id}-hint` }
  return h('input', { id, name, value, type: 'number', inputmode: 'numeric', ...range })
}

/** @param {Setting} setting @param {string} id @param {string} value @param {Texts} texts */
function choice({ name, choices = [] }, id, value, texts) {
  const options = choices.map((each) =>
    h('option', { value: each, selected: each === value }, texts.maybe(`choice.${name}.${each}`, each)),
  )
  return h('select', { id, name }, ...options)
}
