// @ts-check
/** @import { Experiment } from '../protocol/experiment-schema.ts' */

/**
 * The style of each variant's lines and bars, by its id: even ones (cool colours) for protected variants, odd ones (warm)
 * for those without the protection, whatever their order.
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
