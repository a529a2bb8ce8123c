import type { Check } from '../check.ts'
import { cacheChecks } from './cache.ts'
import { contractChecks } from './contract.ts'
import { docsChecks } from './docs.ts'
import { errorChecks } from './errors.ts'
import { healthChecks } from './health.ts'
import { idempotencyChecks } from './idempotency.ts'
import { limitChecks } from './limit.ts'
import { queueChecks } from './queue.ts'
import { stockChecks } from './stock.ts'
import { validationChecks } from './validation.ts'

/** Every check, in the order of the reports. */
export const checks: Check[] = [
  ...contractChecks,
  ...healthChecks,
  ...cacheChecks,
  ...queueChecks,
  ...limitChecks,
  ...docsChecks,
  ...validationChecks,
  ...errorChecks,
  ...idempotencyChecks,
  ...stockChecks,
]
