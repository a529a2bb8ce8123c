import type { Check } from '../check.ts'
import { cacheChecks } from './cache.ts'
import { cacheRaceChecks } from './cache-races.ts'
import { contractChecks } from './contract.ts'
import { contractHttpChecks } from './contract-http.ts'
import { docsChecks } from './docs.ts'
import { errorChecks } from './errors.ts'
import { healthChecks } from './health.ts'
import { idempotencyChecks } from './idempotency.ts'
import { limitChecks } from './limit.ts'
import { limitWindowChecks } from './limit-windows.ts'
import { orderChecks } from './orders.ts'
import { queueChecks } from './queue.ts'
import { stockChecks } from './stock.ts'
import { validationChecks } from './validation.ts'
import { strictValidationChecks } from './validation-strict.ts'

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
