import Type, { type Static } from 'typebox'
import { Id, Name, timestamps } from '../http/validation.ts'

const fields = {
  name: Name,
  email: Type.String({
    maxLength: 254,
    description: 'an e-mail address as the HTML standard defines it',
    pattern:
      "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
  }),
}

const ana = { name: 'Ana', email: 'ana@example.com' }

export const NewCustomer = Type.Object(fields, { additionalProperties: false, examples: [ana] })
export type NewCustomer = Static<typeof NewCustomer>

export const CustomerChange = Type.Partial(Type.Object(fields), {
  additionalProperties: false,
  minProperties: 1,
  examples: [{ email: 'ana.maria@example.com' }],
})
export type CustomerChange = Static<typeof CustomerChange>

export const exampleCustomer = {
  id: 1,
  ...ana,
  created_at: '2026-01-05T10:00:00.000Z',
  updated_at: '2026-01-05T10:00:00.000Z',
}

export const Customer = Type.Object({ id: Id, ...fields, ...timestamps }, { examples: [exampleCustomer] })
