import { Command, Redis } from 'ioredis'

/** What the driver keeps of a command and does with it, as far as it matters here. */
interface Internals extends Pick<Command, 'name' | 'args' | 'promise' | 'resolve' | 'reject' | 'stringifyArguments'> {
  callback?: unknown
  errorStack?: unknown
  transformed: boolean
  initPromise(): void
  _convertValue(resolve: (value: unknown) => void): (value: unknown) => void
  _clearTimers(): void
}
interface Script {
  sha: string
  lua: string
  Command: typeof Command
}
const internals = Command.prototype as unknown as Internals
const { argument: transformers } = (
  Command as unknown as { _transformer: { argument: Record<string, (args: unknown[]) => unknown[]> } }
)._transformer

/**
 * The driver's connection, whose commands are gone with the next collection of young objects.
 *
 * The driver assigns the function that refuses a command to a property, `this.reject = (error) => …`. V8 takes a function
 * written there for a method, which lives long, and puts it among the old objects, where only a full collection finds out
 * that it is dead; until then it keeps the command, its arguments and whatever waits for its answer. So nearly everything
 * about an order became old, 10 KB in the API and 17 in the worker, and collections were frequent and long. Here the
 * function has a name before it is assigned: 1 KB in each. (PostgreSQL's driver had the same fault: db/client.ts.)
 *
 * Both functions below otherwise do what those of ioredis 5.11 do.
 */
export class RedisClient extends Redis {
  /** A script that is called by name, as BullMQ's are: the driver makes a class of commands for each. */
  override defineCommand(...[name, definition]: Parameters<Redis['defineCommand']>): void {
    super.defineCommand(name, definition)
    const script = (this as unknown as { scriptsSet: Record<string, Script> }).scriptsSet[name] as Script
    script.Command = commandOf(script)
  }
}

/** A script is sent in full the first time on a connection, and again after Redis has said that it does not know it. */
function commandOf({ lua, sha }: Script): typeof Command {
  const known = new WeakSet<object>()
  return class ScriptCommand extends Command {
    override toWritable(socket: object): string | Buffer {
      const { reject } = this
      const refuse = (error: Error) => {
        if (error.message.includes('NOSCRIPT')) known.delete(socket)
        reject.call(this, error)
      }
      this.reject = refuse
      if (!known.has(socket)) {
        known.add(socket)
        this.name = 'eval'
        this.args[0] = lua
      } else if (this.name === 'eval') {
        this.name = 'evalsha'
        this.args[0] = sha
      }
      return super.toWritable(socket)
    }
  }
}

const { initPromise } = internals
internals.initPromise = function (this: Internals) {
  if (this.callback || this.errorStack) return initPromise.call(this) // the driver's own, when it connects; and to debug
  this.promise = new Promise((resolve, reject) => {
    if (!this.transformed) {
      this.transformed = true
      this.args = (transformers[this.name]?.(this.args) ?? this.args) as typeof this.args
      this.stringifyArguments()
    }
    const refuse = (error: Error) => {
      this._clearTimers()
      reject(error)
    }
    this.resolve = this._convertValue(resolve)
    this.reject = refuse
  })
}
