// @ts-check

/** @typedef {'light' | 'dark'} Theme */

const KEPT = 'lab.theme'

/** The current theme: the chosen one, otherwise the system's. @returns {Theme} */
export function theme() {
  const chosen = localStorage.getItem(KEPT)
  if (chosen === 'light' || chosen === 'dark') return chosen
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

/** Applies and remembers a theme. @param {Theme} chosen */
export function chooseTheme(chosen) {
  localStorage.setItem(KEPT, chosen)
  applyTheme()
}

/** Applies the chosen theme; without one the style sheet follows the system. */
export function applyTheme() {
  const chosen = localStorage.getItem(KEPT)
  if (chosen) document.documentElement.dataset.theme = chosen
}
