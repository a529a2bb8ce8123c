import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until a condition gives something true, asking every 20 ms, and returns it. A condition that throws counts as
 * not yet. @throws after `ms` milliseconds, with what the last try threw
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  ms = 15_000,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = Date.now() + ms
  let last: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value) return value as Exclude<T, false | null | undefined>
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) throw new Error(`not true within ${ms} ms: ${condition}`, { cause: last })
    await sleep(20)
  }
}
