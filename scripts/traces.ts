import { receiveTraces, type Span } from './traces/otlp.ts'
import { waterfall } from './traces/waterfall.ts'

/** A trace is drawn when nothing has been added to it for this long: twice what a batch of spans waits below. */
const QUIET_MS = 2000

// npm run traces [-- PORT]: a collector that draws each trace it gets, to see one without installing a backend.
const traces = new Map<string, { spans: Span[]; timer: NodeJS.Timeout }>()

function add(span: Span): void {
  const { trace_id } = span
  const known = traces.get(trace_id)
  clearTimeout(known?.timer)
  const spans = [...(known?.spans ?? []), span]
  const timer = setTimeout(() => {
    traces.delete(trace_id)
    console.log(`\n${waterfall(spans)}`)
  }, QUIET_MS)
  traces.set(trace_id, { spans, timer })
}

const { url } = await receiveTraces(Number(process.argv[2] ?? 4318), (spans) => spans.forEach(add))
console.log(`Waiting for traces. In another terminal:

  OTEL_EXPORTER_OTLP_ENDPOINT=${url} OTEL_EXPORTER_OTLP_PROTOCOL=http/json OTEL_BSP_SCHEDULE_DELAY=1000 npm start`)
