import type { ShopProcess } from './sandbox.ts'
import { pause } from './timing.ts'

const PERIOD_MS = 500
const TIMEOUT_MS = 1000
const FAILURES = 3

/**
 * Supervises a process as an orchestrator does: probes `path` twice a second, and after three failed probes in a row (no
 * answer, or not 2xx) kills and restarts the process. Resolves when the signal aborts.
 * @param onRestart is called after each kill
 */
export async function supervise(
  process: ShopProcess,
  path: string,
  signal: AbortSignal,
  onRestart: () => void,
): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    await pause(PERIOD_MS, signal)
    if (signal.aborted) return
    failures = (await answers(process.url + path)) ? 0 : failures + 1
    if (failures < FAILURES || signal.aborted) continue
    failures = 0
    await process.kill()
    onRestart()
    await process.start()
  }
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => undefined)
  await response?.body?.cancel()
  return response?.ok ?? false
}
