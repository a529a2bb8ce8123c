// @ts-check
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

/** @import { Experiment } from '../protocol/experiment-schema.ts' */
/** @import { Part } from '../protocol/part-schema.ts' */
/** @import { Live } from './live.js' */
/** @import { Go } from './route.js' */
/** @import { Texts } from './texts.js' */

/** What every component can use. @typedef {{ texts: Texts, live: Live, parts: Part[], experiments: Experiment[], go: Go }} Lab */

export const LabContext = createContext(/** @type {Lab | undefined} */ (undefined))

/** @returns {Lab} */
export function useLab() {
  const lab = useContext(LabContext)
  if (!lab) throw new TypeError('useLab: expected to be called within LabContext.Provider')
  return lab
}
