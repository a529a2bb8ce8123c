import { type Fixtures, newCustomer, newProduct, PRODUCTS } from './scenarios.ts'

/** Puts into a shop what a scenario needs. @throws when there is no shop, or it refuses */
export async function prepare(url: string, headers: Record<string, string>, products = PRODUCTS): Promise<Fixtures> {
  const make = async (path: string, body: object): Promise<number> => {
    const answer = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    }).catch((cause) => {
      throw new Error(`${url} does not answer: start the shop there, or name another with --url`, { cause })
    })
    if (answer.status !== 201) throw new Error(`POST ${path} answered ${answer.status}: ${await answer.text()}`)
    return ((await answer.json()) as { id: number }).id
  }
  const customer_id = await make('/customers/', newCustomer(crypto.randomUUID()))
  const product_ids: number[] = []
  while (product_ids.length < products) product_ids.push(await make('/products/', newProduct))
  return { customer_id, product_ids }
}
