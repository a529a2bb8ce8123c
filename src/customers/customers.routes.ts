import Type from 'typebox'
import type { Db } from '../db/database.ts'
import { notFound, ProblemError } from '../http/errors.ts'
import { nextLink, PageQuery } from '../http/pagination.ts'
import { type App, IdParams, NoBody } from '../http/validation.ts'
import { Customer, CustomerChange, exampleCustomer, NewCustomer } from './customer.ts'
import { deleteCustomer, findCustomer, insertCustomer, listCustomers, updateCustomer } from './customers.queries.ts'

const tags = ['customers']

export async function customerRoutes(app: App, { db }: { db: Db }) {
  app.get(
    '/customers/',
    {
      config: { admin: true },
      schema: {
        tags,
        summary: 'A page of customers, or the newest 100',
        querystring: PageQuery,
        response: { 200: Type.Array(Customer, { examples: [[exampleCustomer]] }) },
      },
    },
    async (request, reply) => {
      const customers = await listCustomers(db, request.query)
      return reply.headers(nextLink('/customers/', request.query, customers)).send(customers as never)
    },
  )

  app.post(
    '/customers/',
    { schema: { tags, summary: 'Add a customer', body: NewCustomer, response: { 201: Customer } } },
    async (request, reply) => {
      const customer = await insertCustomer(db, request.body).catch(ifEmailTaken)
      return reply
        .code(201)
        .header('location', `/customers/${customer.id}`)
        .send(customer as never)
    },
  )

  app.get(
    '/customers/:id',
    {
      config: { admin: true },
      schema: { tags, summary: 'One customer', params: IdParams, response: { 200: Customer } },
    },
    async (request) => {
      const customer = await findCustomer(db, request.params.id)
      if (!customer) throw notFound('customer', request.params.id)
      return customer as never
    },
  )

  app.patch(
    '/customers/:id',
    {
      config: { admin: true },
      schema: {
        tags,
        summary: 'Change a customer',
        params: IdParams,
        body: CustomerChange,
        response: { 200: Customer },
      },
    },
    async (request) => {
      const customer = await updateCustomer(db, request.params.id, request.body).catch(ifEmailTaken)
      if (!customer) throw notFound('customer', request.params.id)
      return customer as never
    },
  )

  app.delete(
    '/customers/:id',
    {
      config: { admin: true },
      schema: {
        tags,
        summary: 'Remove a customer without orders',
        params: IdParams,
        response: { 204: NoBody('Removed') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const deleted = await deleteCustomer(db, id).catch((error: { code?: string }) => {
        if (error.code !== '23503') throw error
        throw new ProblemError(409, 'customer_in_use', `Customer ${id} has orders and stays.`)
      })
      if (!deleted) throw notFound('customer', id)
      return reply.code(204).send(undefined)
    },
  )
}

function ifEmailTaken(error: { code?: string }): never {
  if (error.code !== '23505') throw error
  throw new ProblemError(409, 'email_taken', 'Another customer has this e-mail address.')
}
