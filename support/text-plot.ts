const EIGHTHS = ' ▁▂▃▄▅▆▇█'

/** Values side by side, each as high as its part of the highest: ` ▂█▄`. */
export function sparkline(values: readonly number[]): string {
  const top = Math.max(1e-9, ...values)
  return values.map((value) => EIGHTHS[Math.ceil((value / top) * (EIGHTHS.length - 1))]).join('')
}

/** A share of `width` characters; the rest stays empty. With `mark`, a line at that share. */
export function bar(share: number, width: number, mark?: number): string {
  const length = Math.round(share * width)
  const cells = '█'.repeat(length).padEnd(width)
  if (mark === undefined) return cells.trimEnd()
  const at = Math.round(mark * width)
  return `${cells.slice(0, at)}│${cells.slice(at)}`.trimEnd()
}
