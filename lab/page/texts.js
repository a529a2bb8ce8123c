// @ts-check
import { en } from './texts.en.js'
import { es } from './texts.es.js'

/** @typedef {'en' | 'es'} Language */
/** @typedef {{ en: string, es: string }} Both */
/** @typedef {keyof typeof en} Key */
/** @typedef {ReturnType<typeof textsIn>} Texts */

const KEPT = 'lab.language'

/** The language chosen before, otherwise the first of the browser's languages that the page has. @returns {Language} */
export function preferredLanguage() {
  const known = [localStorage.getItem(KEPT) ?? '', ...navigator.languages].map((tag) => tag.slice(0, 2))
  return known.find((tag) => tag === 'en' || tag === 'es') === 'es' ? 'es' : 'en'
}

/** @param {Language} language */
export function rememberLanguage(language) {
  localStorage.setItem(KEPT, language)
}

/**
 * The texts of the page in a language, and its formats of numbers and times.
 * @param {Language} language
 */
export function textsIn(language) {
  /** @type {Record<string, string>} */
  const texts = language === 'es' ? es : en
  /** @param {number} value */
  const number = (value) =>
    new Intl.NumberFormat(language, value >= 100 || Number.isInteger(value) ? whole : short).format(value)

  /**
   * A text with its `{names}` filled in.
   * @param {Key} key
   * @param {Record<string, string | number>} [values]
   */
  const t = (key, values = {}) =>
    (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => {
      const value = values[name]
      return typeof value === 'number' ? number(value) : (value ?? '')
    })

  return {
    language,
    number,
    t,
    /** What stands in for an answer that is not there yet, or failed. @param {Error | undefined} error */
    waiting: (error) => (error ? t('failed', { error: error.message }) : t('loading')),
    /** A text whose key is made of data, or the given one. @param {string} key @param {string} otherwise */
    maybe: (key, otherwise) => texts[key] ?? otherwise,
    /** A text of the server, which has both languages. @param {Both} both */
    of: (both) => both[language],
    /** @param {number | null | undefined} value @param {string} [unit] */
    quantity(value, unit = '') {
      if (value == null || Number.isNaN(value)) return '–'
      return unit ? `${number(value)}\u00a0${unit}` : number(value)
    },
    /** A date and time. @param {string} iso */
    moment: (iso) =>
      new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(iso)),
    /** A time of day. @param {string} iso */
    clock: (iso) => new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(new Date(iso)),
  }
}

const whole = { maximumFractionDigits: 0 }
const short = { maximumSignificantDigits: 3 }
