import { answerMutants } from './answers.mutants.ts'
import { cacheMutants } from './cache.mutants.ts'
import { limitMutants } from './limit.mutants.ts'
import type { Mutant } from './mutant.ts'
import { orderMutants } from './orders.mutants.ts'
import { shapeMutants } from './shapes.mutants.ts'

export const mutants: Record<string, Mutant> = {
  ...cacheMutants,
  ...limitMutants,
  ...orderMutants,
  ...answerMutants,
  ...shapeMutants,
}

/** Those that are slow to show, and those that are not, each in two lanes to be graded side by side. */
export const lanes: string[][] = [true, false].flatMap((isSlow) => {
  const names = Object.keys(mutants).filter((name) => (mutants[name]?.with !== undefined) === isSlow)
  const half = Math.ceil(names.length / 2)
  return [names.slice(0, half), names.slice(half)]
})
