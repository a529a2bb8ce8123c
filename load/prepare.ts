import { ask } from '../support/http.ts'
import { type Fixtures, newCustomer, newProduct, PRODUCTS } from './scenarios.ts'

/** Puts into a shop what a scenario needs. @throws when there is no shop, or it refuses */
export async function prepare(url: string, headers: Record<string, string>, products = PRODUCTS): Promise<Fixtures> {
  const make = async (path: string, body: object): Promise<number> => {
    const { status, text, json, error } = await ask<{ id: number }>(url + path, { headers, body })
    if (error)
      throw new Error(`${url} does not answer: start the shop there, or name another with --url`, { cause: error })
    if (status !== 201) throw new Error(`POST ${path} answered ${status}: ${text}`)
    return json.id
  }
  const customer_id = await make('/customers/', newCustomer(crypto.randomUUID()))
  const product_ids: number[] = []
  while (product_ids.length < products) product_ids.push(await make('/products/', newProduct))
  return { customer_id, product_ids }
}
