import { products as demo } from '../scripts/demo-catalogue.ts'
import { query } from './orders.ts'

const PLENTY = 1_000_000_000

/** Gives a shop of ours a customer, `products` products with a stock that lasts, and `orders` orders of one item. */
export async function fillOurs(databaseUrl: string, size: { products: number; orders: number }): Promise<void> {
  const names = Array.from({ length: size.products }, (_, index) => productAt(index))
  await query(
    databaseUrl,
    `insert into products (name, price, stock) select name, price, ${PLENTY}
     from unnest($1::text[], $2::numeric[]) as product (name, price)`,
    [names.map(({ name }) => name), names.map(({ price }) => price)],
  )
  // Keys are checked by nobody while this is filled in: it takes a quarter of the time.
  await query(
    databaseUrl,
    `begin;
     set local session_replication_role = replica;
     set local synchronous_commit = off;
     insert into customers (name, email) values ('Ana', 'ana@example.com'), ('Bruno', 'bruno@example.com');
     insert into orders (job_id, customer_id, total)
       select md5(number::text)::uuid, 2, price
       from generate_series(1, ${size.orders}) as number join products on id = 1 + number % ${size.products} order by number;
     insert into order_items (order_id, product_id, quantity, unit_price)
       select orders.id, products.id, 1, price from orders join products on products.id = 1 + orders.id % ${size.products};
     insert into order_jobs (job_id, status, order_id, attempts, created_at)
       select job_id, 'succeeded', id, 1, created_at from orders;
     commit;`,
  )
  // Not of empty tables: PostgreSQL would take them for small, and check each order's keys by reading all orders.
  if (size.orders > 0) await query(databaseUrl, 'vacuum analyze')
}

/** Gives the original the same. */
export async function fillOriginal(databaseUrl: string, products: number): Promise<void> {
  const names = Array.from({ length: products }, (_, index) => productAt(index))
  await query(
    databaseUrl,
    `insert into products (name, price, stock) select name, price, ${PLENTY}
     from unnest($1::text[], $2::float8[]) as product (name, price)`,
    [names.map(({ name }) => name), names.map(({ price }) => price)],
  )
  await query(databaseUrl, `insert into customers (name, email) values ('Ana', 'ana@example.com')`)
}

/** The demo catalogue's products, and from the second hundred on numbered. */
function productAt(index: number): { name: string; price: number } {
  const { name = '', price = 0 } = demo[index % demo.length] ?? {}
  const series = Math.floor(index / demo.length)
  return { name: series === 0 ? name : `${name} (${series})`, price }
}
