import Type, { type Static } from 'typebox'
import { Id, Money, timestamps } from '../http/validation.ts'

const Item = Type.Object(
  { product_id: Id, quantity: Type.Integer({ minimum: 1, maximum: 1_000_000 }) },
  { additionalProperties: false },
)

const OrderByTotal = Type.Object(
  { customer_id: Id, total: Money },
  { additionalProperties: false, description: 'Only a total, as in the original' },
)

const OrderByItems = Type.Object(
  {
    customer_id: Id,
    items: Type.Array(Item, { minItems: 1, maxItems: 100, uniqueItems: true, description: 'Distinct products' }),
    total: Type.Optional(Money),
  },
  { additionalProperties: false, description: 'Items, whose prices add up to the total' },
)

/** What a client orders: only a total, as in the original, or items whose prices add up to the total. */
export type NewOrder = Static<typeof OrderByItems> | (Static<typeof OrderByTotal> & { items?: never })
export const NewOrder = Type.Unsafe<NewOrder>(
  Type.Union([OrderByTotal, OrderByItems], {
    examples: [
      { customer_id: 1, total: 199.99 },
      { customer_id: 1, items: [{ product_id: 1, quantity: 2 }] },
    ],
  }),
)

const fields = {
  id: Id,
  job_id: Type.String(),
  customer_id: Id,
  total: Money,
  status: Type.Enum(['confirmed', 'cancelled']),
  ...timestamps,
}

const exampleOrder = {
  id: 7,
  job_id: '5d1a2f6e-94f5-5e0c-8f4b-0f5f5e3f9f01',
  customer_id: 1,
  total: 199.99,
  status: 'confirmed',
  created_at: '2026-01-05T10:00:00.000Z',
  updated_at: '2026-01-05T10:00:00.000Z',
}

const OrderSummary = Type.Object(fields, { examples: [exampleOrder] })
export const OrderList = Type.Array(OrderSummary, { examples: [[exampleOrder]] })

export const Order = Type.Object(
  {
    ...fields,
    items: Type.Array(Type.Object({ product_id: Id, quantity: Type.Integer(), unit_price: Money }), {
      description: 'With the price paid for each; empty for an order by total',
    }),
  },
  { examples: [{ ...exampleOrder, items: [{ product_id: 1, quantity: 1, unit_price: 199.99 }] }] },
)
