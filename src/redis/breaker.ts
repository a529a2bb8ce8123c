import type { Redis } from 'ioredis'
import { within } from '../within.ts'

/** How long the shop waits for a store that it can do without. */
export const STORE_TIMEOUT_MS = 100
/** How long a store that has failed is not asked again. */
const REST_MS = 1000

/** The breaker did not ask Redis: there is no connection, or the last command has just failed. */
class BreakerOpen extends Error {
  override name = 'BreakerOpen'
}

/**
 * A circuit breaker (Nygard, Release It!) with a timeout, around a store that the shop can do without. After a command has
 * failed the breaker asks nothing for a second, so a frozen Redis costs one request its timeout, not every request.
 *
 * The timeout is not ioredis' `commandTimeout`, which rejects before it reads what has arrived. On a machine short of
 * processors that opened the breaker although Redis had answered: one limiter decision in ten was made without Redis.
 */
export class Breaker {
  #restingUntil = 0
  readonly #redis: Redis
  readonly #timeout: number
  constructor(redis: Redis, timeout = STORE_TIMEOUT_MS) {
    this.#redis = redis
    this.#timeout = timeout
  }

  /** @throws BreakerOpen when it asks nothing, TimeoutError, or what the command threw */
  async run<T>(command: () => Promise<T>): Promise<T> {
    if (this.#redis.status !== 'ready' || performance.now() < this.#restingUntil)
      throw new BreakerOpen('Redis is not asked')
    try {
      return await within(this.#timeout, command())
    } catch (error) {
      this.#restingUntil = performance.now() + REST_MS
      throw error
    }
  }
}
