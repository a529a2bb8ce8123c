import type { Experiment } from '../protocol.ts'

/** Every experiment, in the order in which a lesson takes them. */
export const catalogue: Experiment[] = []
