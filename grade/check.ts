import type { Client } from './client.ts'
import type { Text } from './text.ts'

/** What the original's README promises; what a careful implementation adds; what a shop with real customers needs. */
export const levels = ['seed', 'solid', 'production'] as const
export type Level = (typeof levels)[number]

/** What a check needs beside the target's URL, and which option gives it. */
export type Need = 'limit' | 'addresses' | 'slow' | 'kill-worker' | 'database' | 'dashboard'

/** What the options give. */
export interface Equipment {
  /** Requests that a client may make to an endpoint in a minute. */
  quota: number
  killWorker(): Promise<void>
  stopDatabase(): Promise<void>
  startDatabase(): Promise<void>
  dashboard: string
}

/** One question to the target, independent of every other: it brings what it needs, and assumes no empty shop. */
export interface Check {
  /** `group.name`. */
  id: string
  level: Level
  points: number
  /** What is done, as a sentence. */
  does: Text
  /** What must come of it. */
  expects: Text
  /** Where to look when it does not. */
  hint: Text
  needs?: Need[]
  /** A stall of the machine, or the edge of a minute of its clock, may look like this breach: it counts when it shows each time. */
  confirm?: true
  /** @throws Breach when what is expected does not come, Blocked when it can't be tried */
  run(client: Client, equipment: Equipment): Promise<void>
}
