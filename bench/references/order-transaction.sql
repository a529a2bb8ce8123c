-- What our worker does for an order of one item, statement by statement.
\set number random(1, 1000000000000000)
\set product random(1, 100)
select * from order_jobs where job_id = md5(:number::text)::uuid;
begin;
select id from customers where id = 1 for key share;
select id, price, stock from products where id = :product order by id for update;
with placed as (
  insert into orders (job_id, customer_id, total) values (md5(:number::text)::uuid, 1, 9.99) returning id
), line as (
  insert into order_items (order_id, product_id, quantity, unit_price) select id, :product, 1, 9.99 from placed
), taken as (
  update products set stock = stock - 1, version = version + 1, updated_at = now() where id = :product
)
insert into order_jobs (job_id, status, order_id, attempts, created_at)
select md5(:number::text)::uuid, 'succeeded', id, 1, now() from placed;
commit;
