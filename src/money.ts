/**
 * Money has one home. On the wire it is a JSON number with at most two decimals, in arithmetic whole minor units
 * (cents) as `bigint`, at rest `numeric(12,2)`. These are the only two places where one becomes another.
 */

/** The largest amount `numeric(12,2)` holds, as a number on the wire. */
export const MAX_AMOUNT = 9_999_999_999.99

/** Minor units of an amount: 19.99 → 1999n. Rounds, so that 0.1 + 0.2 is 30n. */
export const toMinor = (amount: number): bigint => BigInt(Math.round(amount * 100))

/** The amount of minor units: 1999n → 19.99. Exact up to {@link MAX_AMOUNT}. */
export const fromMinor = (minor: bigint): number => Number(minor) / 100

/**
 * Whether a number is a multiple of a decimal step such as 0.01, which JSON Schema's `multipleOf` gets wrong in binary
 * floating point (19.99 / 0.01 is 1998.9999999999998). Off by a few units in the last place counts as equal.
 */
export function isMultipleOf(step: number, value: number): boolean {
  const quotient = value / step
  return Math.abs(quotient - Math.round(quotient)) <= 4 * Number.EPSILON * Math.max(1, Math.abs(quotient))
}
