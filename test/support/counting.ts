import { Redis } from 'ioredis'
import pg from 'pg'

/** What a piece of work asked of the stores, from this process. */
export interface Asked {
  /** Names of the commands to Redis. */
  redis: string[]
  /** Texts of the statements to PostgreSQL. */
  postgres: string[]
}

/**
 * Does a piece of work and tells what it asked of the stores. It listens at the drivers' way out, through which every
 * command goes whoever sends it, so what the process does beside the work is in it, too.
 */
export async function askedBy(work: () => Promise<unknown>): Promise<Asked> {
  const asked: Asked = { redis: [], postgres: [] }
  const { sendCommand } = Redis.prototype
  const { query } = pg.Client.prototype
  Redis.prototype.sendCommand = function (command, stream) {
    asked.redis.push(command.name)
    return sendCommand.call(this, command, stream)
  }
  pg.Client.prototype.query = function (this: pg.Client, ...args: [{ text?: string } | string]) {
    asked.postgres.push(typeof args[0] === 'string' ? args[0] : (args[0].text ?? ''))
    return Reflect.apply(query, this, args)
  } as typeof query
  try {
    await work()
  } finally {
    Redis.prototype.sendCommand = sendCommand
    pg.Client.prototype.query = query
  }
  return asked
}
