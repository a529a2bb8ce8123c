import Type from 'typebox'

/** RFC 9457 problem details, with a stable `code`, the request's id, and one entry for each fault of the input. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'A URI that names the kind of problem' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What is wrong, for people' }),
    instance: Type.Optional(Type.String({ description: 'The path of the request, if it could be read' })),
    code: Type.String({ description: 'Stable, for programs' }),
    request_id: Type.String(),
    job_id: Type.Optional(Type.String({ description: 'The order whose fate could not be told in time' })),
    errors: Type.Optional(
      Type.Array(
        Type.Object({ pointer: Type.String({ description: 'JSON Pointer (RFC 6901)' }), detail: Type.String() }),
      ),
    ),
  },
  {
    $id: 'Problem',
    examples: [
      {
        type: 'about:blank',
        title: 'Unprocessable Content',
        status: 422,
        detail: 'price must be at least 0',
        instance: '/products/',
        code: 'invalid_input',
        request_id: '0b7c6f0e-6f6e-4a52-9d8e-3f0f4c1f6c55',
        errors: [{ pointer: '/price', detail: 'must be at least 0' }],
      },
    ],
  },
)

const meanings = {
  400: 'Malformed request',
  401: 'Without the ADMIN_TOKEN',
  403: 'Not from this machine, or from a page elsewhere',
  404: 'Nothing has this id',
  408: 'The body did not arrive in time',
  409: 'In conflict with what is there',
  412: 'Not the version that If-Match names',
  413: 'The body is too large',
  414: 'A part of the path is too long',
  415: 'The body is not application/json',
  422: 'Well-formed, but not valid',
  429: 'Over the limit; `Retry-After` says when to return',
  431: 'The headers are too large',
  500: 'A fault on our side',
  503: 'A part is away, or more is asked than can be answered; try again after `Retry-After`',
}
export type ProblemStatus = keyof typeof meanings

export const problemContent = { 'application/problem+json': { schema: { $ref: 'Problem#' } } }

/**
 * The errors that a route documents of its own, to be spread into its `response`. Those that any route like it can have
 * are added by `documentErrors`. Typed as nothing: errors are thrown, and the types of a route's replies are its successes.
 */
export function problems(...statuses: ProblemStatus[]): object {
  return Object.fromEntries(
    statuses.map((status) => [status, { description: meanings[status], content: problemContent }]),
  )
}
