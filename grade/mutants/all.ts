import { answerMutants } from './answers.ts'
import { cacheMutants } from './cache.ts'
import { limitMutants } from './limit.ts'
import type { Mutant } from './mutant.ts'
import { orderMutants } from './orders.ts'

export const mutants: Record<string, Mutant> = { ...cacheMutants, ...limitMutants, ...orderMutants, ...answerMutants }
