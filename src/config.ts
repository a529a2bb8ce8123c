import { isIP } from 'node:net'
import Type, { type Static, type TObject, type TSchema } from 'typebox'
import { isOrigin, parseOrigins } from './http/cors.ts'
import { compileText } from './http/validation.ts'

const integer = (value: number, minimum: number, maximum: number, description: string) =>
  Type.Integer({ default: value, minimum, maximum, description })
const text = (value: string, description: string, pattern?: string) =>
  Type.String({ default: value, description, ...(pattern && { pattern }) })
const optional = (description: string, pattern?: string) =>
  Type.Optional(Type.String({ description, ...(pattern && { pattern }) }))

const optionalPort = (description: string) => Type.Optional(Type.Integer({ minimum: 0, maximum: 65535, description }))
const port = (value: number, description: string) => integer(value, 0, 65535, description)

/**
 * Every setting of the shop, once: its name in the environment, its type, its default and what it does.
 * `.env.example` and the README's table are checked against this declaration by a test.
 */
export const settings = Type.Object({
  HOST: text('127.0.0.1', 'Address the API listens on; containers need `0.0.0.0`'),
  PORT: port(8080, 'Port of the API'),
  DATABASE_URL: optional('PostgreSQL to use instead of the embedded one', '^postgres(ql)?://'),
  REDIS_URL: optional(
    'Redis for cache, limits and queue; without it they live in memory and in PostgreSQL',
    '^rediss?://',
  ),
  DATA_DIR: text('./data', 'Folder of the embedded PostgreSQL'),
  DATABASE_POOL: integer(20, 2, 500, 'Connections to PostgreSQL a process may hold for requests and orders'),
  REQUEST_TIMEOUT: integer(5000, 100, 60_000, 'Milliseconds after which a request that still waits is answered 503'),
  RATE_LIMIT: text(
    '10/minute',
    'Requests per client address and endpoint, as `10/minute` or `50/5 minutes` (second, minute, hour), or `off`',
    '^(off|[1-9][0-9]{0,8}/(second|minute|hour|[1-9][0-9]{0,2} (second|minute|hour)s?))$',
  ),
  TRUST_PROXY: text(
    'off',
    'Proxies whose `X-Forwarded-For` is believed: `off`, how many stand in front (`1`), or their addresses (`10.0.0.0/8, ::1`)',
    '^(off|[1-9]|[0-9a-fA-F.:/, ]+)$',
  ),
  CORS_ORIGINS: optional(
    'Origins whose pages may read the answers, as `https://shop.example.com, http://localhost:5173`, or `*`',
  ),
  CACHE_TTL: integer(60, 1, 86_400, 'Seconds a cached product list lives at most'),
  WORKER_CONCURRENCY: integer(50, 1, 200, 'Orders a worker processes at the same time'),
  JOB_ATTEMPTS: integer(5, 1, 100, 'Attempts before an order that keeps failing is put aside as a dead letter'),
  JOB_BACKOFF: integer(
    500,
    1,
    60_000,
    'Milliseconds before the second attempt; doubles with each further one, with jitter',
  ),
  QUEUE_MAX_PENDING: integer(100_000, 1, 100_000_000, 'Orders that may wait; over it, new ones are answered 503'),
  MAX_STREAMS: integer(1000, 1, 100_000, 'Open `Prefer: wait` and event-stream answers a process holds; over it, 503'),
  DASHBOARD_HOST: text('127.0.0.1', 'Address of the queue dashboard'),
  DASHBOARD_PORT: port(9181, 'Port of the queue dashboard'),
  DASHBOARD_PASSWORD: optional('Asked for by the dashboard (any user name); unset, it is read-only off loopback'),
  ADMIN_TOKEN: optional(
    'Asked for (`Authorization: Bearer …`) by catalogue writes, customer data, `/cache`, `/metrics` and the dashboard; unset, they are open',
    '^[A-Za-z0-9._~+/-]{16,}=*$',
  ),
  METRICS_PORT: optionalPort('Port of `/metrics`, in every role but the dashboard; unset, it is on `PORT`'),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(
    'OpenTelemetry collector that gets traces; unset, there are none (docs/tracing.md)',
    '^https?://',
  ),
  OTEL_SERVICE_NAME: optional('Name of the process in traces; `shop-` and its role by default'),
  SHUTDOWN_DELAY: integer(
    0,
    0,
    60_000,
    'Milliseconds between turning not ready and closing, for load balancers to notice',
  ),
  DRAIN_TIMEOUT: integer(
    10_000,
    100,
    600_000,
    'Milliseconds that running requests and orders get to finish on shutdown',
  ),
  INSTANCE_NAME: optional('Name `/whoami` answers with; the pod or host name by default'),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'Least important log line that is written',
  }),
})

export type Config = Static<typeof settings>

/** What one process may be; `all` is everything in one. */
export const roles = ['all', 'api', 'worker', 'dashboard', 'migrate'] as const
export type Role = (typeof roles)[number]

/** @throws ConfigError that names the roles there are */
export function readRole(name: string): Role {
  const role = roles.find((known) => known === name)
  if (!role) throw new ConfigError(`there is no role ${name}: expected one of ${roles.join(', ')}`)
  return role
}

/** A setting that cannot be used; the message names the variable, what was expected and what came. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

type Environment = Record<string, string | undefined>

/** What the settings' types cannot tell. */
const rules: Record<string, (text: string) => boolean> = {
  TRUST_PROXY: isProxyList,
  CORS_ORIGINS: (text) => parseOrigins(text).every(isOrigin),
}

/**
 * Reads the configuration from environment variables. An empty variable counts as unset.
 * @throws ConfigError listing every wrong variable, a line each
 */
export const readConfig = (env: Environment): Config => readSettings(settings, env)

/** Reads the settings that a schema declares; {@link readConfig} does so for the shop's own. */
export function readSettings<T extends TObject>(schema: T, env: Environment): Static<T> {
  const given = Object.fromEntries(
    Object.keys(schema.properties).flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
  )
  const value: Record<string, unknown> = { ...given }
  const check = compileText(schema)
  check(value)
  const wrong = new Set((check.errors ?? []).map((error) => error.instancePath.split('/')[1] ?? ''))
  for (const [name, isRight] of Object.entries(rules)) if (given[name] && !isRight(given[name])) wrong.add(name)
  const complaints = [...wrong].map((name) => complaint(name, schema.properties[name], given[name]))
  if (complaints.length > 0) throw new ConfigError(complaints.join('\n'))
  return value as Static<T>
}

/** `off`, a number, or addresses and networks: a pattern alone does not tell an address. */
function isProxyList(text: string): boolean {
  if (/^(off|[1-9]\d?)$/.test(text)) return true
  return text.split(',').every((part) => {
    const [address = '', bits = '0', ...rest] = part.trim().split('/')
    return (
      rest.length === 0 && isIP(address) > 0 && /^\d+$/.test(bits) && Number(bits) <= (isIP(address) === 4 ? 32 : 128)
    )
  })
}

function complaint(name: string, schema: TSchema & { description?: string } = {}, came: string | undefined): string {
  // A connection string holds a password: never repeat one, nor any other secret.
  const shown = /_(URL|PASSWORD|TOKEN|ENDPOINT)$/.test(name) ? 'a value of another form' : JSON.stringify(came)
  return `${name}: expected ${expected(schema)} (${schema.description}), got ${shown}`
}

/** What a setting accepts, in words. */
function expected(schema: TSchema): string {
  const { type, minimum, maximum, pattern, enum: values } = schema as TSchema & Record<string, unknown>
  if (type === 'integer') return `a whole number from ${minimum} to ${maximum}`
  if (Array.isArray(values)) return `one of ${values.join(', ')}`
  if (typeof pattern === 'string') return `text like ${pattern}`
  return 'text'
}
