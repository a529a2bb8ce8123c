import { median } from '../support/statistics.ts'
import type { Sample } from './load.ts'
import { middle, type Results } from './rounds.ts'
import type { Work } from './work.ts'

/** A line of the table: ours against one reference, or against a plain figure. */
export interface Line {
  work: string
  unit: Work['unit']
  ours: Sample
  reference?: { name: string } & Sample
  /** The median of the rounds' ratios, which is judged; that of the medians; and the least and the greatest of a round. */
  ratio?: number
  ofMedians?: number
  spread?: [number, number]
  /** What the ratio has to reach, or the plain figure must not exceed. */
  bar?: number
  aim?: number
  of?: 'value' | 'p50' | 'p99'
  met?: 'aim' | 'bar' | 'missed'
}

/**
 * Turns what was measured into the lines of the table. Each round has a ratio of its own, of what was measured one after
 * the other on a machine whose speed changes; the medians of two sides may be of different moments (ADR 16).
 */
export function compare(works: readonly Work[], results: Results): Line[] {
  return works.flatMap((work) => {
    const samples = results.get(work.ours) ?? []
    const latency = work.ours.latency?.()
    const base = { work: work.name, unit: work.unit, ours: { ...middle(samples), ...latency } }
    const against = (work.against ?? []).map(({ subject, bar, aim }): Line => {
      const theirs = results.get(subject) ?? []
      const ratios = samples.map((sample, round) => sample.value / (theirs[round]?.value ?? Number.NaN))
      const ratio = median(ratios)
      const of = (side: readonly Sample[]) => median(side.map(({ value }) => value))
      return {
        ...base,
        reference: { name: subject.name, ...middle(theirs) },
        ratio,
        ofMedians: of(samples) / of(theirs),
        spread: [Math.min(...ratios), Math.max(...ratios)],
        ...judge((wanted) => ratio >= wanted, bar, aim),
      }
    })
    const limits = (work.limits ?? []).map(({ of, bar, aim }): Line => {
      const figures = samples.map((sample) => sample[of] ?? Number.NaN)
      const figure = (of === 'value' ? undefined : latency?.[of]) ?? median(figures)
      return {
        ...base,
        of,
        spread: [Math.min(...figures), Math.max(...figures)],
        ...judge((wanted) => figure <= wanted, bar, aim),
      }
    })
    const lines = [...against, ...limits]
    return lines.length > 0 ? lines : [base]
  })
}

function judge(reaches: (wanted: number) => boolean, bar?: number, aim?: number): Pick<Line, 'bar' | 'aim' | 'met'> {
  if (bar === undefined) return {}
  const met = aim !== undefined && reaches(aim) ? 'aim' : reaches(bar) ? 'bar' : 'missed'
  return { bar, ...(aim !== undefined && { aim }), met }
}
