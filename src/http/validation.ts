import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Ajv, type ErrorObject } from 'ajv'
import type { FastifyInstance, RawServerDefault } from 'fastify'
import Type, { type Static, type TSchema } from 'typebox'
import type { Logger } from '../log.ts'
import { isMultipleOf, MAX_AMOUNT } from '../money.ts'

/** A Fastify instance whose handlers see the types of their schemas: of body, query, path and replies. */
export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, Logger, TypeBoxTypeProvider>

/** What PostgreSQL's `integer` identity columns hold. */
export const Id = Type.Integer({ minimum: 1, maximum: 2_147_483_647 })

/** An amount of money: at most two decimals, what `numeric(12,2)` holds. */
export const Money = Type.Number({ minimum: 0, maximum: MAX_AMOUNT, multipleOf: 0.01 })

/**
 * One line of text with something in it: no control characters (PostgreSQL refuses NUL), and well-formed, since lone
 * surrogates are not UTF-8. The pattern keeps to what all dialects of regular expressions read alike, because clients
 * are made from it; they have no way to write a surrogate, so that is a format.
 */
export const Name = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'one line of text without control characters, and not blank',
  format: 'well-formed',
  pattern: '^ *[^ \\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$',
})

export const IdParams = Type.Object({ id: Id }, { additionalProperties: false })

/** The schema of an answer without a body, sent as `undefined`: null would be sent as four bytes of JSON. */
export const NoBody = (description: string) => Type.Unsafe<undefined>(Type.Null({ description }))

export const timestamps = {
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
}

const formats = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  'well-formed': (text: string) => text.isWellFormed(),
}

/**
 * An Ajv that knows the things of ours that it does not. Whether a schema is one is not checked: TypeBox makes no other, and
 * to compile JSON Schema's own for it takes a tenth of the start, and 9 MB.
 */
function createAjv(): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    useDefaults: true,
    formats,
    validateSchema: false,
    meta: false,
    verbose: true, // `input-errors.ts` says in words what is wrong, and looks at the schema for it
    messages: false,
  })
  ajv.removeKeyword('multipleOf')
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    validate: (step: number, value: number) => isMultipleOf(step, value),
  })
  return ajv
}

const ajv = createAjv()

/** A check of data that comes from elsewhere than HTTP, by the same rules: TypeBox's own `multipleOf` is binary. */
export function compile<T extends TSchema>(schema: T): (data: unknown) => data is Static<T> {
  return ajv.compile<Static<T>>(schema)
}

/**
 * A check of values that came as text: of a path, a query, or the environment. Whole numbers are read as such, in digits
 * (5.0 is 5 to JSON Schema): Ajv's own coercion would take `1e3` and `0x10` as well. What it reads, and defaults, it puts
 * in their place.
 */
export function compileText(schema: TSchema): Check {
  const check = ajv.compile(schema)
  const { properties = {} } = schema as { properties?: Record<string, TSchema & { type?: string }> }
  const integers = Object.keys(properties).filter((name) => properties[name]?.type === 'integer')
  const checkText: Check = (values) => {
    for (const name of integers) {
      const text = values[name]
      if (typeof text === 'string' && /^-?\d+(\.0+)?$/.test(text)) values[name] = Number(text)
    }
    const isRight = check(values)
    checkText.errors = check.errors ?? null
    return isRight
  }
  return checkText
}

interface Check {
  (values: Record<string, unknown>): boolean
  /** What was wrong with the last ones. */
  errors?: ErrorObject[] | null
}

/**
 * Strict where Fastify is lenient by default: a body's `"5"` is not 5, and an unknown field is an error rather than
 * dropped. A media type other than JSON is refused.
 */
export function validate(app: App): void {
  app.removeContentTypeParser('text/plain')
  app.setValidatorCompiler(({ schema, httpPart }) =>
    httpPart === 'body' ? ajv.compile(schema as object) : compileText(schema as TSchema),
  )
}
