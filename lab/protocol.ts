import Type, { type Static } from 'typebox'

/**
 * What the lab says over HTTP, once: the server, the command line and the page in the browser all take their types from
 * here. The page imports types only (`import type`), so nothing of TypeBox reaches it. Fields are only ever added.
 *
 * Times: `at` and `started_at` are ISO 8601; a run's `t` and `seconds` are seconds since its variant or it began.
 */

/** Text for readers of both languages. */
export const Text = Type.Object({ en: Type.String(), es: Type.String() })
export type Text = Static<typeof Text>

export const PartName = Type.Enum(['client', 'limiter', 'api', 'cache', 'queue', 'worker', 'database', 'health'])
export type PartName = Static<typeof PartName>

/** `GET /lab/parts`: the parts of the diagram, and where each is written, its main file first. */
export const Part = Type.Object({
  part: PartName,
  title: Text,
  /** What it does, in a sentence. */
  text: Text,
  /** Paths for `GET /lab/source/<path>`. */
  sources: Type.Array(Type.String()),
})
export type Part = Static<typeof Part>
export const Parts = Type.Array(Part, {
  examples: [
    [
      {
        part: 'cache',
        title: { en: 'Cache', es: 'Caché' },
        text: { en: 'Keeps the catalogue.', es: 'Guarda el catálogo.' },
        sources: ['src/patterns/cache/cache-aside.ts'],
      },
    ],
  ],
})

const Times = { p50_ms: Type.Union([Type.Number(), Type.Null()]), p99_ms: Type.Union([Type.Number(), Type.Null()]) }

/**
 * `event: snapshot` of `GET /lab/live`: one a second, and sooner (four a second at most) when a count has changed.
 *
 * Counts (`requests`, `allowed`, `hit`, `succeeded`, …) run since the shop's start, so the difference between two
 * snapshots is what happened between. They start anew with the shop: a difference below zero means that. Times
 * (`p50_ms`, `p99_ms`) are of the last ten seconds, estimated from the histogram's buckets; null when nothing happened.
 * What cannot be told right now, because its store is away, is null. The lab's own requests are not counted.
 */
export const Snapshot = Type.Object({
  at: Type.String(),
  client: Type.Object({ requests: Type.Integer(), per_second: Type.Number() }),
  /** Null when `RATE_LIMIT=off`. `fallback`: decided by this process alone, with Redis away; counted in the others, too. */
  limiter: Type.Union([
    Type.Object({ allowed: Type.Integer(), denied: Type.Integer(), fallback: Type.Integer() }),
    Type.Null(),
  ]),
  /** `errors`: answers with a status of 500 or more. `accepted`: orders taken, that is 202 to `POST /orders/`. */
  api: Type.Array(
    Type.Object({
      instance: Type.String(),
      pid: Type.Integer(),
      requests: Type.Integer(),
      errors: Type.Integer(),
      accepted: Type.Integer(),
      ...Times,
    }),
  ),
  /** Reads by outcome, as in the `Cache-Status` header; `ttl_ms`: what the list has left to live, null when it is not there. */
  cache: Type.Object({
    store: Type.Enum(['memory', 'redis']),
    hit: Type.Integer(),
    stored: Type.Integer(),
    not_stored: Type.Integer(),
    collapsed: Type.Integer(),
    unavailable: Type.Integer(),
    invalidations: Type.Integer(),
    ttl_ms: Type.Union([Type.Number(), Type.Null()]),
  }),
  /** Gauges, looked up once a second. */
  queue: Type.Union([
    Type.Object({
      store: Type.Enum(['postgres', 'redis']),
      waiting: Type.Integer(),
      active: Type.Integer(),
      delayed: Type.Integer(),
      failed: Type.Integer(),
      oldest_ms: Type.Number(),
    }),
    Type.Null(),
  ]),
  /** `jobs`: runs of orders; `retried`: runs that ended in an error. The others are ends of orders. */
  workers: Type.Array(
    Type.Object({
      instance: Type.String(),
      pid: Type.Integer(),
      jobs: Type.Integer(),
      retried: Type.Integer(),
      succeeded: Type.Integer(),
      rejected: Type.Integer(),
      failed: Type.Integer(),
      ...Times,
    }),
  ),
  database: Type.Object({
    pool_in_use: Type.Integer(),
    pool_size: Type.Integer(),
    pool_waiting: Type.Integer(),
    queries: Type.Integer(),
  }),
  health: Type.Object({
    status: Type.Enum(['ok', 'degraded', 'unavailable']),
    checks: Type.Record(
      Type.String(),
      Type.Object({ status: Type.Enum(['ok', 'unavailable']), latency_ms: Type.Number() }),
    ),
  }),
})
export type Snapshot = Static<typeof Snapshot>

/** `event: event` of `GET /lab/live`: something that a part did. On connect come the last ones of each part, if any. */
export const PartEvent = Type.Object({ at: Type.String(), part: PartName, text: Text })
export type PartEvent = Static<typeof PartEvent>

/** A number that a variant is measured by. */
export const Figure = Type.Object({
  id: Type.String(),
  label: Text,
  /** `ms`, `s`, `1/s`, `%`, or empty for a count. */
  unit: Type.String(),
  better: Type.Enum(['lower', 'higher', 'neither']),
})
export type Figure = Static<typeof Figure>

/** A line of a plot. Lines of one `unit` share an axis; `shape: 'step'` holds its value until the next point. */
export const SeriesAbout = Type.Object({
  id: Type.String(),
  unit: Type.String(),
  label: Text,
  shape: Type.Enum(['line', 'step']),
})
export type SeriesAbout = Static<typeof SeriesAbout>

export const Setting = Type.Object({
  name: Type.String(),
  type: Type.Enum(['integer', 'choice']),
  label: Text,
  default: Type.Union([Type.Integer(), Type.String()]),
  /** Of an integer. */
  min: Type.Optional(Type.Integer()),
  max: Type.Optional(Type.Integer()),
  unit: Type.Optional(Type.String()),
  /** Of a choice. */
  choices: Type.Optional(Type.Array(Type.String())),
})
export type Setting = Static<typeof Setting>

export const Settings = Type.Record(Type.String(), Type.Union([Type.Integer(), Type.String()]))
export type Settings = Static<typeof Settings>

const Variant = Type.Object({
  id: Type.String(),
  label: Text,
  protected: Type.Boolean(),
  /** The file that makes the difference, for `GET /lab/source/<path>`. */
  source: Type.String(),
})

/** One of `GET /lab/experiments`: all that is known before it runs. */
export const Experiment = Type.Object({
  id: Type.String(),
  title: Text,
  hypothesis: Text,
  why: Type.Object({
    en: Type.String(),
    es: Type.String(),
    sources: Type.Array(Type.Object({ title: Type.String(), url: Type.String() })),
  }),
  settings: Type.Array(Setting),
  /** How long a run with the defaults takes, about. */
  seconds: Type.Integer(),
  /** They run one after the other, in this order. */
  variants: Type.Array(Variant),
  figures: Type.Array(Figure),
  series: Type.Array(SeriesAbout),
  /** The parts that it is about, to be marked in the diagram. */
  parts: Type.Array(PartName),
})
export type Experiment = Static<typeof Experiment>

export const Experiments = Type.Array(Experiment, {
  examples: [
    [
      {
        id: 'oversell',
        title: { en: 'The last ten units', es: 'Las últimas diez unidades' },
        hypothesis: { en: 'Read-then-write sells more.', es: 'Leer y luego escribir vende de más.' },
        why: { en: 'Two read the same stock.', es: 'Dos leen las mismas existencias.', sources: [] },
        settings: [],
        seconds: 12,
        variants: [],
        figures: [],
        series: [],
        parts: ['worker'],
      },
    ],
  ],
})

/** Something that happened in a variant, at second `t` of it. `who`: a lane of the timeline, like `reader`. */
export const Moment = Type.Object({ t: Type.Number(), who: Type.String(), text: Text })
export type Moment = Static<typeof Moment>

const Series = Type.Object({
  ...SeriesAbout.properties,
  /** `[t, value]`, by ascending `t`. */
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

/** Computed from the figures: whether the hypothesis held, in words with the measured numbers, and what was compared. */
export const Verdict = Type.Object({
  holds: Type.Boolean(),
  text: Text,
  compared: Type.Array(
    Type.Object({
      figure: Type.String(),
      label: Text,
      unit: Type.String(),
      /** By the variants' ids. */
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
  /** All of the experiment's settings, those included that were left at their defaults. */
  settings: Settings,
  started_at: Type.String(),
  /** How long it took, or has taken so far. */
  seconds: Type.Number(),
  state: Type.Enum(['running', 'done', 'stopped', 'failed']),
  /** Those that are through, and in a running one the present one as far as it is known. */
  variants: Type.Array(VariantResult),
  /** Once it is done. */
  verdict: Type.Optional(Verdict),
  /** Why it failed, in English, as a program says it. */
  error: Type.Optional(Type.String()),
}

export const Run = Type.Object(runFields, { examples: [{ ...exampleRun, variants: [] }] })
export type Run = Static<typeof Run>

/** The body of `POST /lab/runs`; settings that are left out are at their defaults. */
export const NewRun = Type.Object(
  { experiment: Type.String(), settings: Type.Optional(Settings) },
  { additionalProperties: false, examples: [{ experiment: 'stampede', settings: { readers: 100 } }] },
)
export type NewRun = Static<typeof NewRun>

/** Its answer, 202. A problem else: 409 `run_in_progress` (with the header `Location` of the run that is), 422. */
export const RunStarted = Type.Object({ run_id: Type.String() }, { examples: [{ run_id: 'stampede-mgq3k1v0' }] })

/**
 * `DELETE /lab/runs/:id` stops a run that is under way (202; `done` tells when it has stopped, and it is kept as far as
 * it came) and forgets any other (204).
 */

/** `GET /lab/runs`: what is kept, newest first, without series and timelines; a run that is under way is the first. */
const { variants: _, error: __, ...summaryFields } = runFields
export const RunSummary = Type.Object(summaryFields)
export type RunSummary = Static<typeof RunSummary>
export const RunSummaries = Type.Array(RunSummary, { examples: [[exampleRun]] })

/**
 * The events of `GET /lab/runs/:id/events`, by their names. A client that comes in the middle first gets what it missed:
 * points and events from the run's start. After `done` the stream ends; of a run that has ended it is the only event.
 */
export interface RunEvents {
  /** About once a second, and when a variant begins; `of`: how long the run takes, about. */
  progress: { variant: string; seconds: number; of: number }
  point: { variant: string; series: string; t: number; value: number }
  event: { variant: string } & Moment
  /** A variant is through. */
  variant: VariantResult
  done: { run: Run }
}
