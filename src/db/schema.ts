import type { ColumnType, Generated, JSONColumnType } from 'kysely'

/** The tables as queries see them; `migrations/` makes them. Their names are those on the wire. */
export interface Database {
  products: ProductsTable
  customers: CustomersTable
  orders: OrdersTable
  order_items: OrderItemsTable
  order_jobs: OrderJobsTable
  idempotency_keys: IdempotencyKeysTable
}

/** RFC 3339, in UTC. */
interface Timestamps {
  created_at: Generated<string>
  updated_at: Generated<string>
}

interface ProductsTable extends Timestamps {
  id: Generated<number>
  name: string
  price: number
  stock: number
  version: Generated<number>
}

interface CustomersTable extends Timestamps {
  id: Generated<number>
  name: string
  email: string
}

interface OrdersTable extends Timestamps {
  id: Generated<number>
  job_id: string
  customer_id: number
  total: number
  status: Generated<'confirmed' | 'cancelled'>
}

interface OrderItemsTable {
  order_id: number
  product_id: number
  quantity: number
  unit_price: number
}

interface OrderJobsTable {
  job_id: string
  status: 'succeeded' | 'rejected' | 'failed'
  order_id: number | null
  error: JSONColumnType<{ code: string; detail: string }> | null
  attempts: number
  created_at: ColumnType<string, Date, never>
  updated_at: Generated<string>
}

interface IdempotencyKeysTable {
  key: string
  fingerprint: string
  created_at: Generated<string>
}
