/**
 * Group commit (DeWitt et al., Implementation Techniques for Main Memory Database Systems, 1984): while one group is being
 * worked on, those who come form the next, and the whole of it pays once for what each would pay alone. Who comes to an
 * idle worker is a group of one and waits for nobody.
 *
 * When a group fails, each of its members is worked on alone, so that none fails for what is a neighbour's fault.
 *
 * @param most members of a group at most
 */
export function inGroups<Member, Result>(
  together: (members: readonly Member[]) => Promise<Result[]>,
  alone: (member: Member) => Promise<Result>,
  most: number,
): (member: Member) => Promise<Result> {
  let waiting: { member: Member; settle: PromiseWithResolvers<Result> }[] = []
  let isWorking = false

  const work = async () => {
    isWorking = true
    // Those whose jobs were fetched in the same turn of the event loop come together.
    await new Promise((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      const group = waiting.slice(0, most)
      waiting = waiting.slice(most)
      await settleGroup(group)
    }
    isWorking = false
  }

  async function settleGroup(group: typeof waiting): Promise<void> {
    const [first] = group
    if (first && group.length === 1) return alone(first.member).then(first.settle.resolve, first.settle.reject)
    try {
      const results = await together(group.map(({ member }) => member))
      for (const [index, { settle }] of group.entries()) settle.resolve(results[index] as Result)
    } catch {
      await Promise.all(group.map(({ member, settle }) => alone(member).then(settle.resolve, settle.reject)))
    }
  }

  return (member) => {
    const settle = Promise.withResolvers<Result>()
    waiting.push({ member, settle })
    if (!isWorking) void work()
    return settle.promise
  }
}
