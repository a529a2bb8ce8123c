// @ts-check
/** @import { Experiment } from '../protocol/experiment-schema.ts' */

/**
 * The style of each variant's lines and bars, by its id: even numbers (cool colours) for protected variants, odd numbers
 * (warm colours) for the others.
 * @param {Experiment} experiment
 * @returns {Map<string, number>}
 */
export function variantStyles({ variants }) {
  const next = { true: 0, false: 1 }
  return new Map(
    variants.map((variant) => {
      const kind = variant.protected ? 'true' : 'false'
      const style = next[kind]
      next[kind] += 2
      return [variant.id, style]
    }),
  )
}
