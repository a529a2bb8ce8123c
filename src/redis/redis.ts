import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Redis } from 'ioredis'
import type { Logger } from '../log.ts'
import { RedisClient } from './redis-client.ts'

/**
 * A connection to Redis that says no instead of waiting: while Redis is away a command is refused at once, and while it
 * is frozen after `timeout` milliseconds. It reconnects for ever in the background, at least every half second.
 */
export function connectRedis(url: string, options: { name: string; timeout: number; log: Logger }): Redis {
  const redis = new RedisClient(url, {
    connectionName: options.name,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    autoResendUnfulfilledCommands: false,
    connectTimeout: 2000,
    ...reconnect,
  })
  redis.setMaxListeners(0) // every write that waits in worthRetry listens
  timeOutCommands(redis, options.timeout)
  logOutages(redis, options)
  return redis
}

/**
 * Rejects a command that has no answer after `ms` milliseconds. ioredis has `commandTimeout`, whose timer goes off first
 * after this process has stood still, though the answer has come meanwhile: here it is read before.
 */
function timeOutCommands(redis: Redis, ms: number): void {
  redis.sendCommand = (command, stream) => {
    const late = () => command.reject(new Error('Command timed out'))
    const timer = setTimeout(() => setImmediate(late), ms)
    const answered = () => clearTimeout(timer)
    command.promise.then(answered, answered)
    return Redis.prototype.sendCommand.call(redis, command, stream)
  }
}

/**
 * Sends the commands of one turn of the event loop with one write at its end. Written one by one, the first would wake
 * Redis, which would write it to its disk, and that long the others would wait: so they share the write to the disk, too.
 * ioredis can gather commands itself (`enableAutoPipelining`), but lets those of a turn wait until the ones before are
 * answered, and took a tenth fewer orders than without.
 */
export function writeOncePerTurn(redis: Redis): void {
  const send = redis.sendCommand.bind(redis)
  let isCorked = false
  redis.sendCommand = (command, stream) => {
    if (!isCorked && redis.status === 'ready') {
      const socket = (redis as unknown as { stream: Socket }).stream
      isCorked = true
      socket.cork()
      setImmediate(() => {
        isCorked = false
        socket.uncork()
      })
    }
    return send(command, stream)
  }
}

/**
 * When and how soon to connect again: also when the server says that it is read-only now, since after a failover the
 * name may lead to its successor. The command that was refused is not repeated.
 */
export const reconnect = {
  retryStrategy: (attempt: number) => Math.min(50 * attempt, 500),
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
}

/**
 * Waits for the first connection to be made or to fail, at most `ms` milliseconds: a process that takes requests before
 * it would refuse orders though nothing is wrong.
 */
export async function firstConnection(redis: Redis, ms: number): Promise<void> {
  if (redis.status === 'ready') return
  const settled = new AbortController()
  const signal = AbortSignal.any([settled.signal, AbortSignal.timeout(ms)])
  await Promise.race(['ready', 'close'].map((event) => once(redis, event, { signal }))).catch(() => {})
  settled.abort()
}

/**
 * Whether a command that has just failed is worth another try: at once while connected, else when the connection is
 * made. It is not worth it after an attempt to connect that began later than this call and failed, since then nobody can
 * be connected, nor after `ms` milliseconds.
 */
export function worthRetry(redis: Redis, ms: number): Promise<boolean> {
  if (ms <= 0 || redis.status === 'end') return Promise.resolve(false)
  if (redis.status === 'ready') return Promise.resolve(true)
  return new Promise((resolve) => {
    let tried = false
    const listeners = {
      connecting: () => {
        tried = true
      },
      ready: () => settle(true),
      close: () => tried && settle(false),
      end: () => settle(false),
    }
    const timer = setTimeout(() => settle(false), ms)
    const settle = (worth: boolean) => {
      clearTimeout(timer)
      for (const [event, listener] of Object.entries(listeners)) redis.off(event, listener)
      resolve(worth)
    }
    for (const [event, listener] of Object.entries(listeners)) redis.on(event, listener)
  })
}

/** One line when a connection is lost and one when it is back, instead of one for each attempt between. */
export function logOutages(redis: Redis, { name, log }: { name: string; log: Logger }): void {
  let away = false
  redis.on('error', (err: Error) => {
    if (!away) log.warn({ err, connection: name }, 'Redis is away')
    away = true
  })
  redis.on('ready', () => {
    if (away) log.info({ connection: name }, 'Redis is back')
    away = false
  })
}

/**
 * A circuit breaker (Nygard, Release It!) around a store that the shop can do without: after a command has failed, the
 * store is left alone for `rest` milliseconds, so that a frozen Redis costs one request its timeout, not every request.
 */
export class Breaker {
  #restingUntil = 0
  readonly #redis: Redis
  readonly #rest: number
  constructor(redis: Redis, rest = 1000) {
    this.#redis = redis
    this.#rest = rest
  }

  /** @throws StoreUnavailable when the store is away, resting, or fails this command */
  async run<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    if (this.#redis.status !== 'ready' || performance.now() < this.#restingUntil) throw new StoreUnavailable()
    try {
      return await command(this.#redis)
    } catch (cause) {
      this.#restingUntil = performance.now() + this.#rest
      throw new StoreUnavailable(cause)
    }
  }
}

/** Redis did not do what it was asked; the caller goes on without it. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable'
  constructor(cause?: unknown) {
    super('Redis is unavailable', { cause })
  }
}
