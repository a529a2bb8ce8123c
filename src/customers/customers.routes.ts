import Type from 'typebox'
import type { Db } from '../db/database.ts'
import { notFound, ProblemError } from '../http/errors.ts'
import { nextLink, PageQuery } from '../http/pagination.ts'
import { problems } from '../http/problem.ts'
import { type App, IdParams, NoBody } from '../http/validation.ts'
import { Customer, CustomerChange, exampleCustomer, NewCustomer } from './customer.ts'
import { deleteCustomer, findCustomer, insertCustomer, listCustomers, updateCustomer } from './customers.queries.ts'

export async function customerRoutes(app: App, { db }: { db: Db }): Promise<void> {
  listCustomersRoute(app, db)
  addCustomerRoute(app, db)
  getCustomerRoute(app, db)
  changeCustomerRoute(app, db)
  removeCustomerRoute(app, db)
}

const tags = ['customers']
const config = { admin: true }

function listCustomersRoute(app: App, db: Db): void {
  const schema = {
    operationId: 'listCustomers',
    tags,
    summary: 'A page of customers, or the newest 100',
    description: '`Link: rel="next"` leads to the next page.',
    querystring: PageQuery,
    response: { 200: Type.Array(Customer, { examples: [[exampleCustomer]] }) },
  }
  app.get('/customers/', { config, schema }, async (request, reply) => {
    const customers = await listCustomers(db, request.query)
    return reply.headers(nextLink('/customers/', request.query, customers)).send(customers)
  })
}

function addCustomerRoute(app: App, db: Db): void {
  const schema = {
    operationId: 'addCustomer',
    tags,
    summary: 'Add a customer',
    description: 'An e-mail address belongs to one customer, whatever its case.',
    body: NewCustomer,
    response: { 201: Customer, ...problems(409) },
  }
  app.post('/customers/', { schema }, async (request, reply) => {
    const customer = await insertCustomer(db, request.body).catch(ifEmailTaken)
    return reply.code(201).header('location', `/customers/${customer.id}`).send(customer)
  })
}

function getCustomerRoute(app: App, db: Db): void {
  const schema = {
    operationId: 'getCustomer',
    tags,
    summary: 'One customer',
    description: 'By its id.',
    params: IdParams,
    response: { 200: Customer, ...problems(404) },
  }
  app.get('/customers/:id', { config, schema }, async (request) => {
    const customer = await findCustomer(db, request.params.id)
    if (!customer) throw notFound('customer', request.params.id)
    return customer
  })
}

function changeCustomerRoute(app: App, db: Db): void {
  const schema = {
    operationId: 'changeCustomer',
    tags,
    summary: 'Change a customer',
    description: 'Fields that are not sent stay as they are.',
    params: IdParams,
    body: CustomerChange,
    response: { 200: Customer, ...problems(404, 409) },
  }
  app.patch('/customers/:id', { config, schema }, async (request) => {
    const customer = await updateCustomer(db, request.params.id, request.body).catch(ifEmailTaken)
    if (!customer) throw notFound('customer', request.params.id)
    return customer
  })
}

function removeCustomerRoute(app: App, db: Db): void {
  const schema = {
    operationId: 'removeCustomer',
    tags,
    summary: 'Remove a customer without orders',
    description: 'A customer that an order refers to stays.',
    params: IdParams,
    response: { 204: NoBody('Removed'), ...problems(404, 409) },
  }
  app.delete('/customers/:id', { config, schema }, async (request, reply) => {
    const { id } = request.params
    const deleted = await deleteCustomer(db, id).catch((error: { code?: string }) => {
      if (error.code !== '23503') throw error
      throw new ProblemError(409, 'customer_in_use', `Customer ${id} has orders and stays.`)
    })
    if (!deleted) throw notFound('customer', id)
    return reply.code(204).send()
  })
}

function ifEmailTaken(error: { code?: string }): never {
  if (error.code !== '23505') throw error
  throw new ProblemError(409, 'email_taken', 'Another customer has this e-mail address.')
}
