import { randomUUID } from 'node:crypto'
import type { Client } from './client.ts'
import { type Exchange, record, rows, succeeded } from './exchange.ts'
import { Blocked, brief } from './verdict.ts'

/** A name that no earlier run has used. */
export const unique = (name: string): string => `${name} ${randomUUID().slice(0, 13)}`

export interface Created {
  id: unknown
  name: string
  made: Exchange
}

/** A new product. @throws Blocked */
export async function createProduct(client: Client, fields: object = {}): Promise<Created> {
  const name = unique('Lamp')
  return created(name, await client.post('/products/', { name, price: 19.99, stock: 5, ...fields }))
}

/** A new customer, of whom there are no orders yet. @throws Blocked */
export async function createCustomer(client: Client): Promise<Created> {
  const name = unique('Ana')
  const email = `${name.replace(' ', '.').toLowerCase()}@example.com`
  return created(name, await client.post('/customers/', { name, email }))
}

function created(name: string, made: Exchange): Created {
  const { id } = record(made)
  if (!succeeded(made) || id === undefined) throw blocked(made)
  return { id, name, made }
}

/** An order that was accepted. @throws Blocked */
export async function placeOrder(client: Client, body: object, headers?: Record<string, string>): Promise<Exchange> {
  const accepted = await client.post('/orders/', body, headers)
  if (!succeeded(accepted)) throw blocked(accepted)
  return accepted
}

/** The list, and its orders of one customer. @throws Blocked */
export async function ordersOf(client: Client, { id }: Created) {
  const list = await client.get('/orders/')
  const all = rows(list)
  if (!succeeded(list) || !all) throw blocked(list)
  return { list, orders: all.filter(({ customer_id }) => String(customer_id) === String(id)) }
}

/** The list once it has `count` orders of the customer, or as it is after `seconds`. */
export async function untilOrders(client: Client, customer: Created, count: number, seconds: number) {
  let found = await ordersOf(client, customer)
  await client.until(seconds, async () => {
    if (found.orders.length < count) found = await ordersOf(client, customer)
    return found.orders.length >= count || undefined
  })
  return found
}

export const jobIdOf = (accepted: Exchange): string => String(record(accepted).job_id)

/** How an accepted order ended, by the status route. @throws Blocked where there is none, or no end within 30 s */
export async function outcomeOf(client: Client, accepted: Exchange): Promise<Exchange> {
  let status: Exchange | undefined
  const final = await client.until(30, async () => {
    status = await client.get(statusPath(accepted))
    if (status.status === 404 || status.status === 405) throw blocked(status)
    return /succeeded|rejected|failed|finished|completed/.test(String(record(status).status)) ? status : undefined
  })
  if (!final) throw blocked(status ?? accepted)
  return final
}

/** Where the target says that the order's state is, or where ours has it. */
export function statusPath(accepted: Exchange): string {
  const { status_url } = record(accepted)
  const told = (typeof status_url === 'string' ? status_url : accepted.answer.location)?.replace(
    /^https?:\/\/[^/]+/,
    '',
  )
  return told?.startsWith('/') ? told : `/orders/jobs/${jobIdOf(accepted)}`
}

/** The stock of a product, by its own route. @throws Blocked */
export async function stockOf(client: Client, { id }: Created): Promise<{ stock: unknown; read: Exchange }> {
  const read = await client.get(`/products/${id}`)
  const { stock } = record(read)
  if (!succeeded(read) || stock === undefined) throw blocked(read)
  return { stock, read }
}

/** Whether a list has a product of this name. */
export const has = (list: Exchange, { name }: Created): boolean => rows(list)?.some((row) => row.name === name) ?? false

export const blocked = (exchange: Exchange): Blocked =>
  new Blocked(
    {
      en: `this did not work, and is needed: ${brief(exchange)}`,
      es: `esto no funcionó, y hace falta: ${brief(exchange)}`,
    },
    [exchange],
  )
