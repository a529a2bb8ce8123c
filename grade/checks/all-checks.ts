import type { Check } from '../check.ts'
import { cacheChecks } from './cache.checks.ts'
import { cacheRaceChecks } from './cache-races.checks.ts'
import { contractChecks } from './contract.checks.ts'
import { contractHttpChecks } from './contract-http.checks.ts'
import { docsChecks } from './docs.checks.ts'
import { errorChecks } from './errors.checks.ts'
import { healthChecks } from './health.checks.ts'
import { idempotencyChecks } from './idempotency.checks.ts'
import { limitChecks } from './limit.checks.ts'
import { limitWindowChecks } from './limit-windows.checks.ts'
import { orderChecks } from './orders.checks.ts'
import { queueChecks } from './queue.checks.ts'
import { stockChecks } from './stock.checks.ts'
import { validationChecks } from './validation.checks.ts'
import { strictValidationChecks } from './validation-strict.checks.ts'

/** Every check, in the order in which they are carried out. */
export const checks: Check[] = [
  ...contractChecks,
  ...contractHttpChecks,
  ...healthChecks,
  ...cacheChecks,
  ...cacheRaceChecks,
  ...queueChecks,
  ...orderChecks,
  ...limitChecks,
  ...limitWindowChecks,
  ...docsChecks,
  ...validationChecks,
  ...strictValidationChecks,
  ...errorChecks,
  ...idempotencyChecks,
  ...stockChecks,
]
