import { randomUUID } from 'node:crypto'
import type { Check } from '../check.ts'
import { refused, succeeded } from '../exchange.ts'
import { createCustomer, jobIdOf, ordersOf, placeOrder, untilOrders } from '../shop.ts'
import { demand } from '../verdict.ts'

const PATIENCE_S = 30
const newKey = () => ({ 'idempotency-key': randomUUID() })

export const idempotencyChecks: Check[] = [
  {
    id: 'idempotency.replay',
    level: 'production',
    points: 3,
    does: {
      en: 'Sends an order again with the same Idempotency-Key',
      es: 'Envía un pedido otra vez con la misma Idempotency-Key',
    },
    expects: { en: 'the same job_id, and one order', es: 'el mismo job_id, y un solo pedido' },
    hint: {
      en: 'A client that did not see the answer asks again. draft-ietf-httpapi-idempotency-key-header.',
      es: 'Un cliente que no vio la respuesta pide otra vez. draft-ietf-httpapi-idempotency-key-header.',
    },
    async run(client) {
      const customer = await createCustomer(client)
      const key = newKey()
      const body = { customer_id: customer.id, total: 12 }
      const [first, second] = [await placeOrder(client, body, key), await client.post('/orders/', body, key)]
      demand(jobIdOf(first) === jobIdOf(second), [first, second])
      // A later order with another key ends after both: then a second copy would be there, too.
      await placeOrder(client, { ...body, total: 13 }, newKey())
      await untilOrders(client, customer, 2, PATIENCE_S)
      const { list, orders } = await ordersOf(client, customer)
      demand(orders.filter(({ total }) => Number(total) === 12).length === 1, [first, second, list])
    },
  },
  {
    id: 'idempotency.at-once',
    level: 'production',
    points: 4,
    does: {
      en: 'Sends an order twenty times at once with one key',
      es: 'Envía un pedido veinte veces a la vez con una clave',
    },
    expects: {
      en: 'one job_id for all that are accepted (the others may be told 409), and one order',
      es: 'un job_id para todos los aceptados (a los demás se les puede decir 409), y un solo pedido',
    },
    hint: {
      en: 'Claim the key in one atomic step before any work (SET NX, or a unique index): to look and then write is a race.',
      es: 'Reclame la clave en un paso atómico antes de todo trabajo (SET NX, o un índice único): mirar y después escribir es una carrera.',
    },
    async run(client) {
      for (let round = 0; round < 3; round += 1) {
        const customer = await createCustomer(client)
        const key = newKey()
        const body = { customer_id: customer.id, total: 14 }
        const answers = await client.crowd(20, () => client.post('/orders/', body, key))
        const accepted = answers.filter(succeeded)
        const strange = answers.find((answer) => !succeeded(answer) && answer.status !== 409)
        demand(!strange, strange ? [strange] : [])
        const [first] = accepted
        const other = first && accepted.find((answer) => jobIdOf(answer) !== jobIdOf(first))
        demand(!other, first && other ? [first, other] : [])
        const { list, orders } = await untilOrders(client, customer, 1, PATIENCE_S)
        demand(orders.length === 1, [...answers.slice(0, 2), list], {
          en: `${orders.length} orders`,
          es: `${orders.length} pedidos`,
        })
      }
    },
  },
  {
    id: 'idempotency.other-body',
    level: 'production',
    points: 2,
    does: { en: 'Sends another order with a key that was used', es: 'Envía otro pedido con una clave ya usada' },
    expects: { en: 'a 4xx (422 by the draft)', es: 'un 4xx (422 según el borrador)' },
    hint: { en: 'Keep a fingerprint of the body with the key.', es: 'Guarde una huella del cuerpo con la clave.' },
    async run(client) {
      const { id } = await createCustomer(client)
      const key = newKey()
      const first = await placeOrder(client, { customer_id: id, total: 15 }, key)
      const second = await client.post('/orders/', { customer_id: id, total: 16 }, key)
      demand(refused(second), [first, second])
    },
  },
]
