import { once } from 'node:events'
import { Redis } from 'ioredis'
import type { Logger } from '../log.ts'

interface ConnectionOptions {
  name: string
  /** Milliseconds a command may take; without it, as long as the connection lasts. */
  timeout?: number
  /**
   * Sends the commands of one turn of the event loop in one write, and those that come until it is answered in the next.
   * Commands that Redis must have on its disk before it answers then share an fsync.
   */
  groupWrites?: boolean
  log: Logger
}

/**
 * A connection to Redis that refuses a command at once while Redis is away, instead of keeping it for later. It reconnects
 * in the background for ever, at least every half second.
 */
export function connectRedis(url: string, options: ConnectionOptions): Redis {
  const redis = new Redis(url, {
    connectionName: options.name,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    autoResendUnfulfilledCommands: false,
    connectTimeout: 2000,
    ...(options.timeout !== undefined && { commandTimeout: options.timeout }),
    enableAutoPipelining: options.groupWrites ?? false,
    ...reconnect,
  })
  redis.setMaxListeners(0) // every write that waits in worthRetry listens
  logOutages(redis, options)
  return redis
}

/**
 * When to connect again. Also when the server says that it is read-only: after a failover the name may lead to its
 * successor. The command that was refused is not repeated.
 */
export const reconnect = {
  retryStrategy: (attempt: number) => Math.min(50 * attempt, 500),
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
}

/**
 * Waits until the first connection is made or has failed, at most `ms` milliseconds. A process that took requests before
 * that would refuse orders although nothing is wrong.
 */
export async function firstConnection(redis: Redis, ms: number): Promise<void> {
  if (redis.status === 'ready') return
  const settled = new AbortController()
  const signal = AbortSignal.any([settled.signal, AbortSignal.timeout(ms)])
  await Promise.race(['ready', 'close'].map((event) => once(redis, event, { signal }))).catch(() => {})
  settled.abort()
}

/**
 * Whether a command that has just failed is worth another try: at once while connected, otherwise once the connection is
 * made. It is not worth one after `ms` milliseconds, nor after an attempt to connect that began later than this call and
 * failed: then no process can be connected.
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

/** Logs one line when a connection is lost and one when it is back, instead of one for each attempt between. */
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
