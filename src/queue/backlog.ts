import type { Queue } from 'bullmq'

/**
 * How many orders wait, known at the price of one count every `maxAge` milliseconds: between counts this process adds
 * what it enqueued itself. Several replicas may each overshoot the cap by what they enqueue in that time.
 */
export function backlog(queue: () => Queue, maxAge = 250) {
  let counted = 0
  let since = 0
  let countedAt = Number.NEGATIVE_INFINITY
  let counting: Promise<void> | undefined

  const count = async () => {
    const before = since
    const {
      waiting = 0,
      delayed = 0,
      prioritized = 0,
    } = await queue().getJobCounts('waiting', 'delayed', 'prioritized')
    counted = waiting + delayed + prioritized
    since -= before
    countedAt = performance.now()
  }
  return {
    /** Orders that wait, as far as is known. */
    async size(): Promise<number> {
      if (performance.now() - countedAt > maxAge) {
        counting ??= count().finally(() => {
          counting = undefined
        })
        await counting
      }
      return counted + since
    },
    added(): void {
      since += 1
    },
  }
}
