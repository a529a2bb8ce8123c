import { setTimeout as sleep } from 'node:timers/promises'
import type { Server } from '../support/servers.ts'
import type { Disturbance } from './schedule.ts'

/** What happened to whom, in milliseconds since the clients began. */
export interface Event {
  atMs: number
  victim: string
  action: Disturbance['action'] | 'skipped' | 'crash'
  /** When it worked again. */
  upMs?: number
}

/**
 * Carries the plan out. A victim that is still down from the last time is left alone (`skipped`).
 * Resolves when everything it hit is up again.
 */
export async function disturb(
  plan: Disturbance[],
  parts: Map<string, Server>,
  timeline: Event[],
  signal: AbortSignal,
): Promise<void> {
  const began = performance.now()
  const now = () => Math.round(performance.now() - began)
  const down = new Map<string, Promise<void>>()
  for (const { atMs, victim, action, downMs } of plan) {
    await sleep(Math.max(0, atMs - now()), undefined, { signal }).catch(() => {})
    if (signal.aborted) break
    const part = parts.get(victim)
    if (!part || down.has(victim)) {
      timeline.push({ atMs: now(), victim, action: 'skipped' })
      continue
    }
    const event: Event = { atMs: now(), victim, action }
    timeline.push(event)
    const recovery = hit(part, action, downMs).then(() => {
      event.upMs = now()
      down.delete(victim)
    })
    down.set(victim, recovery)
  }
  await Promise.all(down.values())
}

async function hit(part: Server, action: Disturbance['action'], downMs: number): Promise<void> {
  if (action === 'freeze') {
    part.freeze()
    await sleep(downMs)
    return part.thaw()
  }
  await part.kill()
  await sleep(downMs)
  await part.start()
}
