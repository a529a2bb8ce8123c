import Type, { type Static } from 'typebox'
import { Id, Money, Name, timestamps } from '../http/validation.ts'

const fields = {
  name: Name,
  price: Money,
  stock: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
}

const laptop = { name: 'Laptop', price: 1200, stock: 5 }

export const NewProduct = Type.Object(fields, { additionalProperties: false, examples: [laptop] })
export type NewProduct = Static<typeof NewProduct>

export const ProductChange = Type.Partial(Type.Object(fields), {
  additionalProperties: false,
  minProperties: 1,
  examples: [{ price: 1099.9, stock: 7 }],
})
export type ProductChange = Static<typeof ProductChange>

export const exampleProduct = {
  id: 1,
  ...laptop,
  created_at: '2026-01-05T10:00:00.000Z',
  updated_at: '2026-01-05T10:00:00.000Z',
}

export const Product = Type.Object({ id: Id, ...fields, ...timestamps }, { examples: [exampleProduct] })
