import type { Config } from '../../src/config.ts'
import { connectDatabase } from '../../src/db/database.ts'
import type { Logger } from '../../src/log.ts'
import { productList } from '../../src/products/product-list.ts'
import { type ReplaceableParts, replaceableParts } from '../../src/replaceable-parts.ts'
import { slowOrder } from '../sandbox/slow-order.ts'
import { acknowledgeFirst } from './acknowledge-first.ts'
import { fixedWindow } from './fixed-window.ts'
import { withoutCache } from './no-cache.ts'
import { withoutFence } from './no-fence.ts'
import { everyDeliveryIsNew, everyRequestIsNew } from './no-idempotency.ts'
import { withoutSingleFlight } from './no-single-flight.ts'
import { readThenWrite } from './read-then-write.ts'
import { synchronousOrder } from './synchronous-order.ts'

/** The parts that a shop in the sandbox can be given in place of its own, by name. */
export type NaivePart =
  | 'acknowledge-first'
  | 'fixed-window'
  | 'no-cache'
  | 'no-fence'
  | 'no-idempotency'
  | 'no-single-flight'
  | 'read-then-write'
  | 'synchronous-order'

/** How long each order takes in the sandbox, in milliseconds before and after it is decided. */
export interface Slowness {
  before: number
  after: number
}

/** The parts that are meant; all others are the shop's own. */
export function naiveParts(
  names: ReadonlySet<NaivePart>,
  slowness: Slowness,
  config: Config,
  log: Logger,
): Partial<ReplaceableParts> {
  const has = (name: NaivePart) => names.has(name)
  const aside = has('no-cache')
    ? withoutCache
    : has('no-fence')
      ? withoutFence
      : has('no-single-flight')
        ? withoutSingleFlight
        : undefined
  const decide = has('read-then-write')
    ? readThenWrite
    : has('no-idempotency')
      ? everyDeliveryIsNew
      : replaceableParts.decideOrders
  const slow = slowness.before + slowness.after > 0 ? slowOrder(decide, slowness) : decide
  const decideOrders = has('acknowledge-first') ? acknowledgeFirst(slow) : slow
  const poolOfItsOwn = () =>
    connectDatabase(config.DATABASE_URL ?? '', { max: config.DATABASE_POOL, timeout: config.REQUEST_TIMEOUT, log })
  return {
    decideOrders,
    ...(aside && { productList: (options) => productList({ ...options, aside }) }),
    ...(has('no-idempotency') && { orderIntake: everyRequestIsNew }),
    ...(has('synchronous-order') && { orderIntake: synchronousOrder(poolOfItsOwn(), decideOrders) }),
    ...(has('fixed-window') && { limiter: fixedWindow }),
  }
}
