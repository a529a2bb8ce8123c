import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import Type, { type TSchema } from 'typebox'
import { inOneSentence, inputErrors } from '../src/http/input-errors.ts'
import { compileText, Name } from '../src/http/validation.ts'
import { NewOrder } from '../src/orders/order.ts'
import { NewProduct } from '../src/products/product.ts'

/** What is said of a value that a schema refuses. */
function said(schema: TSchema, value: unknown): string {
  const check = compileText(schema)
  assert.equal(check(value as Record<string, unknown>), false, JSON.stringify(value))
  return inOneSentence(inputErrors(check.errors ?? []), 'body')
}

const fields: [TSchema, unknown, string][] = [
  [Type.Integer(), 1.5, 'must be a whole number'],
  [Type.Number(), 'one', 'must be a number'],
  [Type.String(), 1, 'must be text'],
  [Type.Boolean(), 1, 'must be true or false'],
  [Type.Object({}), [], 'must be an object'],
  [Type.Array(Type.Integer()), {}, 'must be a list'],
  [Type.Number({ minimum: 0 }), -1, 'must be at least 0'],
  [Type.Number({ maximum: 9 }), 10, 'must be at most 9'],
  [Type.Number({ multipleOf: 0.01 }), 19.999, 'must have at most two decimals'],
  [Type.Number({ multipleOf: 5 }), 7, 'must be a multiple of 5'],
  [Type.String({ minLength: 1 }), '', 'must not be empty'],
  [Type.String({ minLength: 3 }), 'ab', 'must have at least 3 characters'],
  [Type.String({ maxLength: 2 }), 'abc', 'must have at most 2 characters'],
  [Type.String({ pattern: '^a$', description: 'an a' }), 'b', 'must be an a'],
  [Type.String({ pattern: '^a$' }), 'b', 'must be of another form'],
  [Name, 'two\nlines', 'must be one line of text without control characters, and not blank'],
  [Name, '\ud800', 'must be one line of text without control characters, and not blank'],
  [Type.Array(Type.Integer(), { minItems: 1 }), [], 'must not be empty'],
  [Type.Array(Type.Integer(), { minItems: 2 }), [1], 'must have at least 2 entries'],
  [Type.Array(Type.Integer(), { maxItems: 1 }), [1, 2], 'must have at most 1 entries'],
  [Type.Array(Type.Integer(), { uniqueItems: true }), [1, 1], 'must not have the same entry twice'],
  [Type.Enum(['a', 'b']), 'c', 'must be one of a, b'],
  [Type.Literal('a'), 'c', 'must be a'],
  [Type.Object({}, { minProperties: 1 }), {}, 'must have at least one field'],
]
for (const [schema, value, words] of fields) {
  test(`${JSON.stringify(value)} ${words}`, () =>
    assert.equal(said(Type.Object({ it: schema }), { it: value }), `it ${words}`))
}

const orders: [unknown, string][] = [
  [{}, 'customer_id is missing; the body must have total or items'],
  [{ customer_id: 1 }, 'the body must have total or items'],
  [{ customer_id: 0, total: 1 }, 'customer_id must be at least 1'],
  [{ customer_id: 1, total: 1, colour: 'red' }, 'colour is not a known field'],
  [{ customer_id: 1, items: [] }, 'items must not be empty'],
  [{ customer_id: 1, total: 1, items: [{ product_id: 1 }] }, 'items/0/quantity is missing'],
  [[], 'the body must be an object'],
]
for (const [order, words] of orders) {
  test(`an order ${JSON.stringify(order)}: ${words}`, () => assert.equal(said(NewOrder, order), words))
}

test('an order has a total, items, or both', () => {
  const check = compileText(NewOrder)
  const items = [{ product_id: 1, quantity: 1 }]
  for (const form of [{ total: 1 }, { items }, { total: 1, items }]) assert.ok(check({ customer_id: 1, ...form }))
})

test('several faults are one sentence, and each points to its field', () => {
  const check = compileText(NewProduct)
  assert.equal(check({ name: '', price: -1, colour: 'red' }), false)
  const errors = inputErrors(check.errors ?? [])
  assert.deepEqual(errors.map(({ pointer }) => pointer).sort(), ['/colour', '/name', '/name', '/price', '/stock'])
  assert.match(inOneSentence(errors, 'querystring'), /^in the query: .*price must be at least 0/)
})

test('no error is told in the words of Ajv', () => {
  const check = new Ajv({ verbose: true }).compile({ not: {} })
  check(1)
  assert.deepEqual(inputErrors(check.errors ?? []), [{ pointer: '', detail: 'is not valid' }])
})
