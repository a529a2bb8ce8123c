import Type, { type Static } from 'typebox'
import { PartName, Text } from './part-schema.ts'

/** A number that a variant is measured by. */
export const Figure = Type.Object({
  id: Type.String(),
  label: Text,
  /** `ms`, `s`, `1/s`, `%`, or empty for a count. */
  unit: Type.String(),
  better: Type.Enum(['lower', 'higher', 'neither']),
})
export type Figure = Static<typeof Figure>

/** A line of a plot. `shape: 'step'` holds its value until the next point. */
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

/** All that is known of an experiment before it runs. */
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
  /** Roughly how long a run with the defaults takes. */
  seconds: Type.Integer(),
  /** They run one after the other, in this order. */
  variants: Type.Array(Variant),
  figures: Type.Array(Figure),
  series: Type.Array(SeriesAbout),
  /** The parts of the diagram that it is about. */
  parts: Type.Array(PartName),
})
export type Experiment = Static<typeof Experiment>

/** The answer of `GET /lab/experiments`. */
export const Experiments = Type.Array(Experiment, {
  examples: [
    [
      {
        id: 'oversell',
        title: { en: 'The last ten units', es: 'Las últimas diez unidades' },
        hypothesis: { en: 'Read-then-write oversells.', es: 'Leer y luego escribir vende de más.' },
        why: { en: 'Two orders read the same stock.', es: 'Dos pedidos leen el mismo stock.', sources: [] },
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
