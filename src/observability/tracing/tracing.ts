import type * as Api from '@opentelemetry/api'
import type { Config } from '../../config.ts'
import type { Logger } from '../../log.ts'
import { within } from '../../within.ts'

/** What the parts of this folder make spans with. While tracing is off there is none. */
export interface Tracing {
  api: typeof Api
  tracer: Api.Tracer
  /** Runs `work` in a span below `parent`, by default the active one. What it throws is recorded, and thrown on. */
  span<T>(
    name: string,
    options: Api.SpanOptions,
    work: (span: Api.Span) => Promise<T>,
    parent?: Api.Context,
  ): Promise<T>
  /** Marks a span as failed. */
  fail(span: Api.Span, error: unknown): void
  /** Which span a line of the log belongs to. */
  logFields(): { trace_id?: string; span_id?: string }
  /** Says in the log that traces are lost, at most once a minute. */
  reportTo(log: Logger): void
  /** Sends what is left, within a fifth of `DRAIN_TIMEOUT`. */
  close(): Promise<void>
}

/** The same thing with spans around what it does, where tracing is on. */
export function traced<T>(tracing: Tracing | undefined, thing: T, trace: (thing: T, tracing: Tracing) => T): T {
  return tracing ? trace(thing, tracing) : thing
}

const REPORT_EVERY_MS = 60_000

/**
 * Starts OpenTelemetry, whose libraries are loaded here and nowhere else: a shop without an endpoint pays nothing for
 * them. Sampling, protocol, headers and batches are set by the standard `OTEL_*` variables, which the SDK reads itself.
 * Spans leave in batches from a bounded queue (2048 by default); a collector that is away or hangs costs spans, and no
 * request waits for it.
 *
 * OpenTelemetry keeps its state for the whole process, so one process has one of these.
 */
export async function startTracing(config: Config, about: { role: string; version: string }): Promise<Tracing> {
  const [api, { startNodeSdk }] = await Promise.all([import('@opentelemetry/api'), import('@opentelemetry/sdk-node')])
  const { OTEL_SERVICE_NAME: name, INSTANCE_NAME: instance } = config
  const sdk = startNodeSdk({
    // Beneath OTEL_RESOURCE_ATTRIBUTES. The SDK's own detectors would tell the user's name and the command line, too.
    resourceDetectors: [
      {
        detect: () => ({
          attributes: {
            'service.name': `shop-${about.role}`,
            'service.version': about.version,
            ...(instance && { 'service.instance.id': instance }),
          },
        }),
      },
    ],
    resourceAttributes: name ? { 'service.name': name } : {},
    // Metrics are Prometheus' (docs/adr/0012-metrics.md), logs are lines.
    metricReaders: [],
    logRecordProcessors: [],
  })
  const tracer = api.trace.getTracer('shop', about.version)
  const recorded = new WeakSet<object>()

  return { api, tracer, span, fail, logFields, reportTo, close }

  function span<T>(
    name: string,
    options: Api.SpanOptions,
    work: (span: Api.Span) => Promise<T>,
    parent = api.context.active(),
  ): Promise<T> {
    return tracer.startActiveSpan(name, options, parent, async (span) => {
      try {
        return await work(span)
      } catch (error) {
        fail(span, error)
        throw error
      } finally {
        span.end()
      }
    })
  }

  /** Without the message, in which PostgreSQL may quote a value: that is in the log, whose line has the trace's id. */
  function fail(span: Api.Span, error: unknown): void {
    const { name = typeof error, code, stack = '' } = error as Partial<NodeJS.ErrnoException>
    const type = typeof code === 'string' ? code : name
    span.setAttribute('error.type', type).setStatus({ code: api.SpanStatusCode.ERROR })
    if (!(error instanceof Error) || recorded.has(error)) return // by the span below
    recorded.add(error)
    span.recordException({ name: type, stack: stack.slice(stack.indexOf('\n    at ') + 1) })
  }

  function logFields() {
    const context = api.trace.getActiveSpan()?.spanContext()
    return context ? { trace_id: context.traceId, span_id: context.spanId } : {}
  }

  function reportTo(log: Logger): void {
    let quietUntil = 0
    const report = (reason: string) => {
      if (performance.now() < quietUntil) return
      quietUntil = performance.now() + REPORT_EVERY_MS
      log.warn({ reason }, 'traces are being lost')
    }
    const ignore = () => {}
    const logger = { error: report, warn: report, info: ignore, debug: ignore, verbose: ignore }
    api.diag.setLogger(logger, { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true })
  }

  async function close(): Promise<void> {
    await within(config.DRAIN_TIMEOUT / 5, sdk.shutdown()).catch(() => {}) // they are lost, and nothing else is
  }
}
