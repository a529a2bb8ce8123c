import { AsyncLocalStorage } from 'node:async_hooks'

interface Options {
  /** Members of a group at most. */
  most: number
  /** Members of a failed group that are tried at the same time. */
  parallel: number
  /** Is told why a group failed, before its members are tried alone. */
  onFailure: (error: unknown, size: number) => void
}

/**
 * Group commit (DeWitt et al., Implementation Techniques for Main Memory Database Systems, 1984): members that arrive
 * while one group is being worked on form the next one, and a group pays once for what each of its members would pay
 * alone. A member that arrives at an idle worker is a group of one, and is not delayed.
 *
 * When a group of several fails, each of its members is tried alone, so that none fails for the fault of another.
 *
 * @param work settles a group as a whole: it returns a result for each member, in their order, or rejects with nothing done
 */
export function batch<Member, Result>(
  work: (members: readonly Member[]) => Promise<Result[]>,
  { most, parallel, onFailure }: Options,
): (member: Member) => Promise<Result> {
  type Pending = { member: Member; result: PromiseWithResolvers<Result> }
  let waiting: Pending[] = []
  let isWorking = false
  // Groups are worked on outside of any member's context: a span or a line of the log must not name the wrong one.
  const inNoContext = AsyncLocalStorage.snapshot()

  return (member) => {
    const result = Promise.withResolvers<Result>()
    waiting.push({ member, result })
    if (!isWorking) void inNoContext(workOff)
    return result.promise
  }

  async function workOff(): Promise<void> {
    isWorking = true
    // Jobs that were fetched in the same turn of the event loop form one group.
    await new Promise((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      const group = waiting.slice(0, most)
      waiting = waiting.slice(most)
      await settle(group).catch((error) => settleAlone(group, error))
    }
    isWorking = false
  }

  async function settle(group: Pending[]): Promise<void> {
    const results = await work(group.map(({ member }) => member))
    for (const [index, { result }] of group.entries()) result.resolve(results[index] as Result)
  }

  async function settleAlone(group: Pending[], error: unknown): Promise<void> {
    if (group.length === 1) return group[0]?.result.reject(error)
    onFailure(error, group.length)
    const rest = group.values()
    const next = async () => {
      for (const pending of rest) await settle([pending]).catch(pending.result.reject)
    }
    await Promise.all(Array.from({ length: parallel }, next))
  }
}
