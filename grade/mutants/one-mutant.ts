import type { Modification } from '../../support/modified-shop.ts'
import { mutants } from './all-mutants.ts'

// What `support/modified-shop.ts` is given: `grade/mutants/one-mutant.ts?name=NAME`. Without such a mutant the shop is ours.
const name = new URL(import.meta.url).searchParams.get('name') ?? ''

export default (mutants[name] ?? {}) satisfies Modification
