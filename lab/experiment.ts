import type { Experiment, Settings } from './protocol/experiment-schema.ts'
import type { Text } from './protocol/part-schema.ts'
import type { Sandbox } from './sandbox/sandbox.ts'

/** The measured numbers of a variant, by the figures' ids. */
export type Figures = Record<string, number>

/** What a variant of an experiment is run with. */
export interface Bench {
  sandbox: Sandbox
  /** All settings of the experiment, checked. */
  settings: Settings
  /** Comes when the run is stopped. */
  signal: AbortSignal
  /** Lets work go on beside the rest; should it fail, the run fails at once. Returns it, to be waited for. */
  beside<T>(work: Promise<T>): Promise<T>
  /** From here on the variant's seconds count; before it the shop is made ready. */
  begin(): void
  /** Seconds since `begin`. */
  seconds(): number
  /** A point of one of the experiment's series, now or at second `t`. */
  point(series: string, value: number, t?: number): void
  /** Something that happened, for the timeline; `who` is a lane of it. */
  event(who: string, text: Text): void
}

/** An experiment that can be run: what is said of it, how a variant is run, and what the numbers mean. */
export interface Runnable {
  about: Experiment
  /** Runs one variant on a sandbox, whose processes are ended after it. */
  run(variant: string, bench: Bench): Promise<Figures>
  /** Says from the figures of all variants whether the hypothesis held, and which figures show it. */
  judge(figures: Record<string, Figures>, settings: Settings): { holds: boolean; text: Text; shown: string[] }
}

/** A setting that is an integer. */
export const integer = (settings: Settings, name: string): number => Number(settings[name])
