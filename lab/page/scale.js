// @ts-check

/**
 * About `count` round numbers from at most `lowest` to at least `highest`, in steps of 1, 2 or 5 times a power of ten
 * (Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990).
 * @param {number} lowest
 * @param {number} highest
 * @param {number} count
 * @param {number} [smallest] the smallest step
 * @returns {number[]}
 */
export function ticks(lowest, highest, count, smallest = 0) {
  const range = highest > lowest ? highest - lowest : 1
  const rough = Math.max(range / count, smallest)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough - 1e-9) ?? rough
  const first = Math.floor(lowest / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(highest / step - 1e-9))
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)))
}

/**
 * The values of a line at given times, for the table: the last known one at each.
 * @param {[number, number][]} points by time
 * @param {number[]} times
 * @param {'line' | 'step'} shape a step holds its value; a line has no value where nothing was measured since the previous time
 * @returns {(number | undefined)[]}
 */
export function valuesAt(points, times, shape) {
  return times.map((time, index) => {
    const since = shape === 'step' ? -Infinity : (times[index - 1] ?? -Infinity)
    return points.findLast(([t]) => t <= time && t > since)?.[1]
  })
}
