import type { Sample } from './load.ts'

/** Something that can be measured again and again. */
export interface Subject {
  name: string
  measure(): Promise<Sample>
  /** Latency over all that was measured, where the median of the turns would hide what comes seldom. */
  latency?: () => Required<Pick<Sample, 'p50' | 'p99'>>
}

/** A reference and how many times as fast ours has to be; without a bar it stands there to compare with. */
interface Against {
  subject: Subject
  bar?: number
  aim?: number
}

/** A plain figure that must not be exceeded. */
interface Limit {
  of: 'value' | 'p50' | 'p99'
  bar: number
  aim?: number
}

/** A row of the table. */
export interface Work {
  name: string
  unit: '/s' | 'ms' | 'MB'
  ours: Subject
  against?: Against[]
  limits?: Limit[]
  /** Ends what it began, when all rounds are over. */
  end?: () => Promise<void>
}
