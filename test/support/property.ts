/**
 * How a property is checked: `numRuns` times, with another seed each time. A failure prints `seed` and `path`; to have it
 * again: `PROPERTY_SEED=<seed> PROPERTY_PATH=<path> node --test …`
 */
export function runs(numRuns: number) {
  const { PROPERTY_SEED: seed, PROPERTY_PATH: path } = process.env
  return { numRuns, ...(seed && { seed: Number(seed) }), ...(path && { path }) }
}
