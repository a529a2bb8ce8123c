import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

/** A span as it came, with the attributes of its process in `service`. Times are milliseconds since 1970. */
export interface Span {
  trace_id: string
  span_id: string
  parent_id: string | undefined
  name: string
  kind: string
  service: string
  start: number
  end: number
  failed: boolean
  attributes: Record<string, unknown>
  /** Spans of other traces that it belongs together with. */
  links: { trace_id: string; span_id: string }[]
}

type Value = { stringValue?: string; intValue?: string | number; doubleValue?: number; boolValue?: boolean }
type Attributes = { key: string; value: Value }[]
interface Request {
  resourceSpans?: {
    resource?: { attributes?: Attributes }
    scopeSpans?: {
      spans?: {
        traceId: string
        spanId: string
        parentSpanId?: string
        name: string
        kind?: number
        startTimeUnixNano: string
        endTimeUnixNano: string
        attributes?: Attributes
        links?: { traceId: string; spanId: string }[]
        status?: { code?: number }
      }[]
    }[]
  }[]
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']
const ERROR = 2

/** Reads an export request of OTLP/HTTP in JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp). */
function decode(json: string): Span[] {
  const { resourceSpans = [] } = JSON.parse(json) as Request
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const service = String(plain(resource?.attributes)['service.name'] ?? '')
    return scopeSpans.flatMap(({ spans = [] }) =>
      spans.map((span) => ({
        trace_id: span.traceId,
        span_id: span.spanId,
        parent_id: span.parentSpanId || undefined,
        name: span.name,
        kind: kinds[span.kind ?? 0] ?? '',
        service,
        start: Number(span.startTimeUnixNano) / 1e6,
        end: Number(span.endTimeUnixNano) / 1e6,
        failed: span.status?.code === ERROR,
        attributes: plain(span.attributes),
        links: (span.links ?? []).map(({ traceId, spanId }) => ({ trace_id: traceId, span_id: spanId })),
      })),
    )
  })
}

function plain(attributes: Attributes = []): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.intValue === undefined
        ? (value.stringValue ?? value.doubleValue ?? value.boolValue)
        : Number(value.intValue),
    ]),
  )
}

/** A small collector on loopback. `onExport` gets the spans of each request, and the request's text. */
export async function receiveTraces(port: number, onExport: (spans: Span[], json: string) => void) {
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.method !== 'POST' || request.url !== '/v1/traces') return answer(404, { message: 'POST /v1/traces' })
    if (request.headers['content-type'] !== 'application/json')
      return answer(415, { message: 'only OTEL_EXPORTER_OTLP_PROTOCOL=http/json is understood here' })
    try {
      const json = await bodyOf(request)
      onExport(decode(json), json)
      return answer(200, {})
    } catch {
      return answer(400, { message: 'not an export request of OTLP' })
    }
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()
}
