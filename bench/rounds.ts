import { median } from '../support/statistics.ts'
import type { Sample } from './load.ts'
import type { Subject, Work } from './work.ts'

/** What a subject did in each round. */
export type Results = Map<Subject, Sample[]>

/** How often it is measured: rounds that count, after those that only warm up. */
export interface Rounds {
  uncounted: number
  counted: number
}

/**
 * Measures every subject of the works once a round, ours next to each other, so that a time in which the machine is busy
 * with something else falls on all alike.
 */
export async function runRounds(
  works: readonly Work[],
  { uncounted, counted }: Rounds,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<Results> {
  const references = works.flatMap(({ against = [] }) => against.map(({ subject }) => subject))
  const subjects = [...new Set([...works.map(({ ours }) => ours), ...references])]
  const results: Results = new Map(subjects.map((subject) => [subject, []]))
  if (subjects.length === 0) return results
  tell(works.map(({ name }) => name).join(' + '))
  const end = async () => {
    for (const { end } of works) await end?.()
  }
  try {
    for (let round = 1 - uncounted; round <= counted; round++) {
      tell(round < 1 ? 'warming up' : `round ${round} of ${counted}`)
      for (const subject of subjects) {
        signal.throwIfAborted()
        const sample = await subject.measure().catch((cause) => {
          throw new Error(`${subject.name} could not be measured`, { cause })
        })
        if (round > 0) results.get(subject)?.push(sample)
        tell(
          `  ${subject.name}: ${JSON.stringify(sample, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value))}`,
        )
      }
    }
  } catch (error) {
    await end().catch(() => {}) // what was first is what matters
    throw error
  }
  await end()
  return results
}

/** The median of each figure over the rounds. */
export function middle(samples: readonly Sample[]): Sample {
  const of = (figure: keyof Sample) => {
    const values = samples.flatMap((sample) => sample[figure] ?? [])
    return values.length > 0 ? { [figure]: median(values) } : {}
  }
  return { value: 0, ...of('value'), ...of('p50'), ...of('p99'), ...of('busy'), ...of('cpu') }
}
