import { receiveTraces, type Span } from '../../scripts/traces/otlp.ts'
import type { ShopProcess } from '../../support/shop-process.ts'
import { until } from '../../support/until.ts'

/** Settings of a traced shop, whose spans come soon. */
export const traced = (endpoint: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: '100',
})

/** A collector that keeps what it gets. */
export async function collector() {
  const spans: Span[] = []
  const received: string[] = []
  const { url, close } = await receiveTraces(0, (exported, json) => {
    spans.push(...exported)
    received.push(json)
  })
  const of = (trace_id: string) => spans.filter((span) => span.trace_id === trace_id)
  return {
    url,
    close,
    received,
    spans,
    /** The spans of a trace, once those of these names have come, and with each of them what its process did below it. */
    trace: (trace_id: string, ...names: string[]) =>
      until(() => names.every((name) => of(trace_id).some((span) => span.name === name)) && of(trace_id)),
  }
}

/** Of the form of W3C Trace Context. */
export const newTraceId = () => crypto.randomUUID().replaceAll('-', '')
export const PARENT = '00f067aa0ba902b7'
/** The header of a client that traces, with {@link PARENT} as its span. */
export const traceparent = (trace_id: string, flags = '01') => ({ traceparent: `00-${trace_id}-${PARENT}-${flags}` })
/** The lines of its log. */
export const linesOf = (shop: ShopProcess) =>
  shop
    .output()
    .split('\n')
    .slice(0, -1) // of which not all may have come
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
