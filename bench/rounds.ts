import type { Sample } from './load.ts'
import { median } from './statistics.ts'
import type { Subject, Work } from './work.ts'

/** What a subject did in each round. */
export type Results = Map<Subject, Sample[]>

/**
 * Measures every subject of the works once a round, so that a moment in which the machine is busy with something else
 * falls on all alike; every other round goes the other way round. The first round only warms up and is not counted.
 */
export async function runRounds(
  works: readonly Work[],
  rounds: number,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<Results> {
  const subjects = [
    ...new Set(works.flatMap(({ ours, against = [] }) => [ours, ...against.map(({ subject }) => subject)])),
  ]
  const results: Results = new Map(subjects.map((subject) => [subject, []]))
  for (let round = 0; round <= rounds; round++) {
    tell(round === 0 ? 'warming up' : `round ${round} of ${rounds}`)
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
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
