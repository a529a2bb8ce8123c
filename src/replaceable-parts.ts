import type { Redis } from 'ioredis'
import type { Logger } from './log.ts'
import { cancelOrder } from './orders/cancel-order.ts'
import { decideOrders } from './orders/decide-orders.ts'
import { orderIntake } from './orders/place-order.ts'
import type { Limiter, Quota } from './patterns/rate-limit/limiter.ts'
import { memoryLimiter } from './patterns/rate-limit/memory-limiter.ts'
import { redisLimiter } from './patterns/rate-limit/redis-limiter.ts'
import { productList } from './products/product-list.ts'

/**
 * The parts that keep the shop's promises. They are arguments of `startShop`, so that the auditor, the grader and the lab
 * can put a naive variant in their place and watch what goes wrong. The shop has no switch for it.
 */
export const replaceableParts = { productList, orderIntake, decideOrders, cancelOrder, limiter }
export type ReplaceableParts = typeof replaceableParts

/** The limiter that replicas share; without Redis, one for this process alone. */
function limiter(quota: Quota, { redis, log }: { redis: Redis | undefined; log: Logger }): Limiter {
  return redis ? redisLimiter(redis, quota, log) : memoryLimiter(quota)
}
