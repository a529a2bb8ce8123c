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
  /** Aborts when the run is stopped. */
  signal: AbortSignal
  /** Watches concurrent work: when it fails, the run fails at once. Returns the same promise. */
  beside<T>(work: Promise<T>): Promise<T>
  /** Starts the variant's clock, once its shop is ready. */
  begin(): void
  /** Seconds since `begin`. */
  seconds(): number
  /** A point of one of the experiment's series, now or at second `t`. */
  point(series: string, value: number, t?: number): void
  /** Something that happened, for the timeline; `who` is a lane of it. */
  event(who: string, text: Text): void
}

/** An experiment that can be run: its description, how to run a variant, and how to judge the figures. */
export interface Runnable {
  about: Experiment
  /** Runs one variant in the sandbox, whose processes end afterwards. */
  run(variant: string, bench: Bench): Promise<Figures>
  /** Decides from the figures of all variants whether the hypothesis holds, and which figures show it. */
  judge(figures: Record<string, Figures>, settings: Settings): { holds: boolean; text: Text; shown: string[] }
}

/** A setting that is an integer. */
export const integer = (settings: Settings, name: string): number => Number(settings[name])
