import Type, { type Static } from 'typebox'
import { SeriesAbout, Settings } from './experiment-schema.ts'
import { Text } from './part-schema.ts'

/** Something that happened, `t` seconds after its variant began. `who`: a lane of the timeline, like `reader`. */
export const Moment = Type.Object({ t: Type.Number(), who: Type.String(), text: Text })
export type Moment = Static<typeof Moment>

const Series = Type.Object({
  ...SeriesAbout.properties,
  /** `[t, value]`, by ascending `t`: seconds since the variant began. */
  points: Type.Array(Type.Unsafe<[number, number]>(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }))),
})

export const VariantResult = Type.Object({
  id: Type.String(),
  protected: Type.Boolean(),
  figures: Type.Record(Type.String(), Type.Number()),
  series: Type.Array(Series),
  timeline: Type.Array(Moment),
})
export type VariantResult = Static<typeof VariantResult>

/** Computed from the figures: whether the hypothesis holds, in words with the measured numbers, and what was compared. */
export const Verdict = Type.Object({
  holds: Type.Boolean(),
  text: Text,
  compared: Type.Array(
    Type.Object({
      figure: Type.String(),
      label: Text,
      unit: Type.String(),
      /** By the variants’ ids. */
      values: Type.Record(Type.String(), Type.Number()),
      better: Type.Enum(['lower', 'higher']),
    }),
  ),
})
export type Verdict = Static<typeof Verdict>

const exampleRun = {
  run_id: 'oversell-mgq3k1v0',
  experiment: 'oversell',
  settings: { buyers: 100, stock: 10, concurrency: 20 },
  started_at: '2026-01-05T10:00:00.000Z',
  seconds: 9.5,
  state: 'done',
} as const

const runFields = {
  run_id: Type.String(),
  experiment: Type.String(),
  /** All of the experiment’s settings, including those at their defaults. */
  settings: Settings,
  /** ISO 8601. */
  started_at: Type.String(),
  /** How long it took, or has taken so far. */
  seconds: Type.Number(),
  state: Type.Enum(['running', 'done', 'stopped', 'failed']),
  /** The finished ones; of a running run also the current one so far. */
  variants: Type.Array(VariantResult),
  /** Of a run that is done. */
  verdict: Type.Optional(Verdict),
  /** Why it failed, in English: the message of an error. */
  error: Type.Optional(Type.String()),
}

export const Run = Type.Object(runFields, { examples: [{ ...exampleRun, variants: [] }] })
export type Run = Static<typeof Run>

/** The body of `POST /lab/runs`; a missing setting takes its default. */
export const NewRun = Type.Object(
  { experiment: Type.String(), settings: Type.Optional(Settings) },
  { additionalProperties: false, examples: [{ experiment: 'stampede', settings: { readers: 100 } }] },
)
export type NewRun = Static<typeof NewRun>

/** Its answer, 202. Problems: 409 `run_in_progress`, whose `Location` is the running one, and 422. */
export const RunStarted = Type.Object({ run_id: Type.String() }, { examples: [{ run_id: 'stampede-mgq3k1v0' }] })

/** One of `GET /lab/runs`: a run without its series and timelines. The newest is first, so a running one is. */
const { variants: _, error: __, ...summaryFields } = runFields
export const RunSummary = Type.Object(summaryFields)
export type RunSummary = Static<typeof RunSummary>
export const RunSummaries = Type.Array(RunSummary, { examples: [[exampleRun]] })

/**
 * The events of `GET /lab/runs/:id/events`, by name. A client that connects late first gets what it missed. `done` is the
 * last event, and the only one of a run that has ended.
 */
export interface RunEvents {
  /** About once a second, and when a variant begins. `of`: roughly how many seconds the run takes. */
  progress: { variant: string; seconds: number; of: number }
  point: { variant: string; series: string; t: number; value: number }
  event: { variant: string } & Moment
  /** A variant has ended. */
  variant: VariantResult
  done: { run: Run }
}
