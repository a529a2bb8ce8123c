import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { isDatabaseAway } from '../db/away.ts'
import { type InputError, inOneSentence, inputErrors } from './input-errors.ts'
import { Problem } from './problem.ts'
import type { App } from './validation.ts'

interface Extra {
  type?: string
  headers?: Record<string, string>
  errors?: InputError[]
  /** The order whose fate is not known; the client can ask for it. */
  job_id?: string
  cause?: unknown
}

/** An answer other than success that we decided on: thrown anywhere, turned into a problem once, in {@link handleErrors}. */
export class ProblemError extends Error {
  readonly status: number
  readonly code: string
  readonly extra: Extra
  constructor(status: number, code: string, detail: string, extra: Extra = {}) {
    super(detail, { cause: extra.cause })
    this.name = 'ProblemError'
    this.status = status
    this.code = code
    this.extra = extra
  }
}

/** 404 for an id that nothing has. */
export const notFound = (what: string, id: number | string) =>
  new ProblemError(404, `${what}_not_found`, `There is no ${what} ${id}.`)

/** 503 for a dependency that is away or slow; `Retry-After` in seconds. The detail says whether anything was done. */
export const unavailable = (code: string, detail: string, cause?: unknown) =>
  new ProblemError(503, code, detail, { headers: { 'retry-after': '1' }, cause })

const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** Errors of Fastify itself, by its code; anything of its own below 500 that is not here is `bad_request`. */
const fastifyCodes: Record<string, { status: number; code: string; detail: string }> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { status: 415, code: 'unsupported_media_type', detail: 'Send application/json.' },
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, code: 'body_too_large', detail: 'The body is larger than 64 KiB.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, code: 'malformed_json', detail: 'The body is empty; send JSON.' },
  FST_ERR_CTP_INVALID_JSON_BODY: { status: 400, code: 'malformed_json', detail: 'The body is not valid JSON.' },
  FST_ERR_MAX_PARAM_LENGTH: { status: 414, code: 'path_too_long', detail: 'A part of the path is too long.' },
  FST_ERR_BAD_URL: { status: 400, code: 'bad_url', detail: 'The path is not a valid URL path.' },
}

/** Maps any thrown error to the problem it is answered with. */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  const { validation, validationContext, code, statusCode = 500 } = error as FastifyError
  if (validation) {
    const errors = inputErrors(validation)
    return new ProblemError(422, 'invalid_input', inOneSentence(errors, validationContext), { errors })
  }
  const known = fastifyCodes[code]
  if (known) return new ProblemError(known.status, known.code, known.detail)
  if (code?.startsWith('FST_') && statusCode < 500)
    return new ProblemError(statusCode, 'bad_request', 'The request is not valid.')
  if (error instanceof SyntaxError && statusCode === 400)
    return new ProblemError(400, 'malformed_json', 'The body is not valid JSON.')
  if (isDatabaseAway(error))
    return unavailable('database_unavailable', 'The database cannot be reached; try again.', error)
  return new ProblemError(500, 'internal_error', 'Something went wrong on our side.', { cause: error })
}

/** Answers any error. A 5xx is logged with its cause, which is never sent. */
export function answerError(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const problem = toProblem(error)
  const { status, code, extra } = problem
  if (status >= 500)
    request.log[status === 500 ? 'error' : 'warn']({ err: extra.cause ?? problem, code }, 'request failed')
  return sendProblem(request, reply, problem)
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: ProblemError): FastifyReply {
  const { status, code, extra } = problem
  return reply
    .code(status)
    .headers(extra.headers ?? {})
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send({
      type: extra.type ?? 'about:blank',
      title: titles[status] ?? 'Error',
      status,
      detail: problem.message,
      instance: request.url.split('?', 1)[0],
      code,
      request_id: request.id,
      ...(extra.job_id && { job_id: extra.job_id }),
      ...(extra.errors && { errors: extra.errors }),
    })
}

/** The one place where errors become answers. */
export function handleErrors(app: App): void {
  app.addSchema(Problem) // routes refer to it
  app.setErrorHandler((error, request, reply) => answerError(request, reply, error))
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, new ProblemError(404, 'route_not_found', 'There is nothing at this path.')),
  )
  // Decided before the body is read, so that an unknown path is 404 whatever is sent to it.
  app.addHook('onRequest', (request, _, done) => {
    done(request.is404 ? new ProblemError(404, 'route_not_found', 'There is nothing at this path.') : undefined)
  })
}
