import type { ErrorObject } from 'ajv'

export interface InputError {
  /** JSON Pointer (RFC 6901) to what is wrong; empty for all of it. */
  pointer: string
  /** What is wrong with it, without a subject: `must be at least 0`. */
  detail: string
}

/** Ajv's errors (of its option `verbose`) in words. @returns one for each fault, the same one not twice */
export function inputErrors(errors: readonly ErrorObject[]): InputError[] {
  const found = new Map<string, InputError>()
  for (const error of likeliestForm(errors)) {
    const entry = { pointer: pointerTo(error), detail: inWords(error) }
    found.set(`${entry.pointer} ${entry.detail}`, entry)
  }
  return [...found.values()]
}

/** One sentence for all faults. @param where the part of the request that is meant, unless it is the body */
export function inOneSentence(errors: readonly InputError[], where: string | undefined): string {
  const place = places[where ?? 'body']
  const clauses = errors.map(({ pointer, detail }) => `${pointer.slice(1) || 'the body'} ${detail}`)
  return `${place ?? ''}${clauses.join('; ')}`
}

const places: Record<string, string> = {
  querystring: 'in the query: ',
  params: 'in the path: ',
  headers: 'in the headers: ',
}

/** A field that is missing or unknown is pointed to itself, not to what should have it. */
function pointerTo({ instancePath, params }: ErrorObject): string {
  const name = params.missingProperty ?? params.additionalProperty ?? params.propertyName
  return typeof name === 'string' ? `${instancePath}/${escapePointer(name)}` : instancePath
}

const escapePointer = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

const types: Record<string, string> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
}

/** What each keyword of JSON Schema that our schemas use asks for. */
const words: Record<string, (params: ErrorObject['params'], schema: unknown) => string> = {
  required: () => 'is missing',
  additionalProperties: () => 'is not a known field',
  type: ({ type }) => `must be ${types[type] ?? type}`,
  minimum: ({ limit }) => `must be at least ${limit}`,
  maximum: ({ limit }) => `must be at most ${limit}`,
  multipleOf: (_, step) => (step === 0.01 ? 'must have at most two decimals' : `must be a multiple of ${step}`),
  minLength: ({ limit }) => (limit === 1 ? 'must not be empty' : `must have at least ${limit} characters`),
  maxLength: ({ limit }) => `must have at most ${limit} characters`,
  minItems: ({ limit }) => (limit === 1 ? 'must not be empty' : `must have at least ${limit} entries`),
  maxItems: ({ limit }) => `must have at most ${limit} entries`,
  uniqueItems: () => 'must not have the same entry twice',
  minProperties: () => 'must have at least one field',
  enum: ({ allowedValues }) => `must be one of ${allowedValues.join(', ')}`,
  const: ({ allowedValue }) => `must be ${allowedValue}`,
  anyOf: ({ fields }) => `must have ${fields.join(' or ')}`,
}

/** A pattern or a format says nothing to people; the schema that has one describes it, as what follows "must be". */
function inWords({ keyword, params, schema, parentSchema }: ErrorObject): string {
  if (keyword === 'pattern' || keyword === 'format') return `must be ${parentSchema?.description ?? 'of another form'}`
  return words[keyword]?.(params, schema) ?? 'is not valid'
}

/**
 * Of a choice (`anyOf`) Ajv tells what is wrong with every form. The client meant the form whose fields it sent: only the
 * errors of that one are kept. Where two are equally likely, these are the faults of both, and the fields that decide.
 */
function likeliestForm(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const choice = errors.find(({ keyword }) => keyword === 'anyOf')
  if (!choice) return errors
  const path = `${choice.schemaPath}/`
  const outside = errors.filter((error) => error !== choice && !error.schemaPath.startsWith(path))
  const inside = errors.filter((error) => error.schemaPath.startsWith(path))
  const forms = [...Map.groupBy(inside, ({ schemaPath }) => schemaPath.slice(path.length).split('/', 1)[0]).values()]
  const isMisfit = ({ keyword, instancePath }: ErrorObject) =>
    instancePath === choice.instancePath && (keyword === 'required' || keyword === 'additionalProperties')
  const misfits = (form: ErrorObject[]) => form.filter(isMisfit).length
  const least = Math.min(...forms.map(misfits))
  const likeliest = forms.filter((form) => misfits(form) === least)
  if (likeliest.length === 1) return [...outside, ...likeliest.flat()]

  const isShared = (error: ErrorObject) => likeliest.every((form) => form.some((other) => isSame(other, error)))
  const shared = likeliest.flat().filter(isShared)
  const deciding = likeliest.flat().filter((error) => error.keyword === 'required' && !isShared(error))
  const fields = deciding.map(({ params }) => params.missingProperty)
  // A value that fits none of several types has nothing else that is wrong with it.
  if (shared.length + fields.length === 0) return [...outside, ...likeliest.flat()]
  return [...outside, ...shared, ...(fields.length > 0 ? [{ ...choice, params: { fields } }] : [])]
}

const isSame = (one: ErrorObject, other: ErrorObject) =>
  pointerTo(one) === pointerTo(other) && inWords(one) === inWords(other)
