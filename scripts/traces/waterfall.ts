import type { Span } from './otlp.ts'

const WIDTH = 40
const LABEL = 60
/** Links of a span that are named; the rest is counted. */
const LINKS = 4

/**
 * Draws one trace as text: each span under its parent, in the order of their starts, with its process, when it began and
 * how long it took in milliseconds, a bar on the time line of the whole, and the traces it is linked to. The SDK's starts
 * are whole milliseconds.
 */
export function waterfall(spans: Span[]): string {
  const start = Math.min(...spans.map((span) => span.start))
  const end = Math.max(...spans.map((span) => span.end))
  const ids = new Set(spans.map((span) => span.span_id))
  const roots = spans.filter(({ parent_id }) => !parent_id || !ids.has(parent_id))
  const rows = inOrder(roots).flatMap((root) => below(root, spans, 0))

  const label = ({ span, depth }: Row) => `${'  '.repeat(depth)}${span.name}${span.failed ? ' (failed)' : ''}`
  const widest = Math.min(LABEL, Math.max(...rows.map((row) => label(row).length)))
  const process = Math.max('process'.length, ...spans.map((span) => span.service.length))
  const scale = WIDTH / Math.max(end - start, 0.001)

  return [
    `trace ${spans[0]?.trace_id}: ${spans.length} spans in ${(end - start).toFixed(1)} ms`,
    `${'span'.padEnd(widest)}  ${'process'.padEnd(process)}   starts    takes`,
    ...rows.map((row) => {
      const { span } = row
      const from = Math.min(WIDTH - 1, Math.floor((span.start - start) * scale))
      const length = Math.max(1, Math.round((span.end - span.start) * scale))
      const bar = `${' '.repeat(from)}${'█'.repeat(Math.min(length, WIDTH - from))}`.padEnd(WIDTH)
      const times = `${ms(span.start - start)} ${ms(span.end - span.start)}`
      return `${shorten(label(row)).padEnd(widest)}  ${span.service.padEnd(process)} ${times} |${bar}|${linked(span)}`
    }),
  ].join('\n')
}

interface Row {
  span: Span
  depth: number
}

function below(span: Span, spans: Span[], depth: number): Row[] {
  const children = spans.filter(({ parent_id }) => parent_id === span.span_id)
  return [{ span, depth }, ...inOrder(children).flatMap((child) => below(child, spans, depth + 1))]
}

/** The traces that a span is linked to, by the beginnings of their ids. */
function linked({ links }: Span): string {
  if (links.length === 0) return ''
  const named = links.slice(0, LINKS).map(({ trace_id }) => trace_id.slice(0, 8))
  const more = links.length > LINKS ? ` and ${links.length - LINKS} more` : ''
  return ` → trace ${named.join(', ')}${more}`
}

/** Of those that began within the same millisecond, first what ended first, which is the order they are sent in. */
const inOrder = (spans: Span[]) => spans.toSorted((a, b) => a.start - b.start)
const shorten = (text: string) => (text.length > LABEL ? `${text.slice(0, LABEL - 1)}…` : text)
const ms = (time: number) => time.toFixed(1).padStart(8)
