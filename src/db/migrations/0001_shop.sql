-- Money is numeric(12,2), times are timestamptz, names are those on the wire. Checks repeat the API's rules as a last
-- guard: whatever code or person writes here, stock never goes below zero.

create table products (
  id integer generated always as identity primary key,
  name text not null check (name <> ''),
  price numeric(12,2) not null check (price >= 0),
  stock integer not null check (stock >= 0),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table customers (
  id integer generated always as identity primary key,
  name text not null check (name <> ''),
  email text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index customers_email on customers (lower(email));

-- job_id is unique: a job that runs twice makes one order.
create table orders (
  id integer generated always as identity primary key,
  job_id uuid not null unique,
  customer_id integer not null references customers,
  total numeric(12,2) not null check (total >= 0),
  status text not null default 'confirmed' check (status in ('confirmed', 'cancelled')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index orders_customer on orders (customer_id);

create table order_items (
  order_id integer not null references orders,
  product_id integer not null references products,
  quantity integer not null check (quantity > 0),
  unit_price numeric(12,2) not null check (unit_price >= 0),
  primary key (order_id, product_id)
);
create index order_items_product on order_items (product_id);

-- How each accepted order ended. Written in the transaction of the order itself, so that the answer to "what became of
-- it" and the order can not differ, and outlives the queue.
create table order_jobs (
  job_id uuid primary key,
  status text not null check (status in ('succeeded', 'rejected', 'failed')),
  order_id integer references orders,
  error jsonb,
  attempts integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null default now()
);
create index order_jobs_updated_at on order_jobs (updated_at);

-- Claims of idempotency keys, used when there is no Redis.
create table idempotency_keys (
  key text primary key,
  fingerprint text not null,
  created_at timestamptz not null default now()
);
create index idempotency_keys_created_at on idempotency_keys (created_at);
