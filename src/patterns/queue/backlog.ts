import type { Queue } from 'bullmq'

/**
 * How many orders wait, known at the price of one count every `maxAge` milliseconds: between counts this process adds
 * what it enqueued itself, whether or not it has been processed since. So before anyone is turned away on that estimate,
 * it is counted again. Several replicas may each overshoot the cap by what they enqueue between two counts.
 */
export function backlog(queue: Queue, maxAge = 250) {
  let counted = 0
  let since = 0
  let countedAt = Number.NEGATIVE_INFINITY
  let counting: Promise<void> | undefined

  const count = async () => {
    const before = since
    const { waiting = 0, delayed = 0, prioritized = 0 } = await queue.getJobCounts('waiting', 'delayed', 'prioritized')
    counted = waiting + delayed + prioritized
    since -= before
    countedAt = performance.now()
  }
  /** Counts anew, once for all who ask meanwhile. */
  const recount = () => {
    counting ??= count().finally(() => {
      counting = undefined
    })
    return counting
  }
  return {
    /** Orders that wait; exact when there are `cap` or more, as far as other processes stand still. */
    async size(cap: number): Promise<number> {
      if (performance.now() - countedAt > maxAge || counted + since >= cap) await recount()
      return counted + since
    },
    added(): void {
      since += 1
    },
  }
}
