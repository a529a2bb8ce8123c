import { setTimeout as sleep } from 'node:timers/promises'

/**
 * After so long what a test waits for is taken to hang. It is no measure of anything: a slow machine, busy with other
 * programs, needs a small part of it. A test as a whole has `--test-timeout`, see package.json, which is longer.
 */
export const PATIENCE_MS = 120_000

/**
 * Waits until a condition gives something true, asking every 20 ms, and returns it. A condition that throws counts as
 * not yet. @throws after `ms` milliseconds, with what the last try threw
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  ms = PATIENCE_MS,
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
