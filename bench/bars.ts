import { bar } from '../support/text-plot.ts'
import type { Line } from './compare.ts'

const WIDTH = 28
const [LEAST, MOST] = [0.1, 60]

/**
 * How ours stands to the bar of a comparison, as text, on a logarithmic scale: what ends right of the line has met its bar.
 */
export function barOf(line: Line): string {
  return line.bar === undefined ? '' : `${bar(place(times(line)), WIDTH, place(1))} ${rounded(times(line))}×`
}

/** How many times its bar a figure is, or its bar the figure where less is better. */
function times({ bar = 1, ratio, of = 'value', ours }: Line): number {
  return ratio === undefined ? bar / (ours[of] ?? Number.NaN) : ratio / bar
}

/** Where it stands on the scale, from 0 to 1. */
function place(figure: number): number {
  return Math.log(Math.min(MOST, Math.max(LEAST, figure)) / LEAST) / Math.log(MOST / LEAST)
}

const rounded = (figure: number) => Number(figure.toPrecision(2))
