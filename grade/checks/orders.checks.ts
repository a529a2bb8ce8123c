import { setTimeout as sleep } from 'node:timers/promises'
import type { Check } from '../check.ts'
import type { Client } from '../client.ts'
import { type Exchange, record, succeeded } from '../exchange.ts'
import {
  type Created,
  createCustomer,
  jobIdOf,
  ordersOf,
  outcomeOf,
  placeOrder,
  statusPath,
  untilOrders,
} from '../shop.ts'
import { Blocked, Breach, demand } from '../verdict.ts'

/** Seconds an order may take; the original says "a few". */
const PATIENCE_S = 30

/** Holds that each of the orders is there, and none twice; their totals tell them apart. */
async function eachOnce(client: Client, customer: Created, placed: Exchange[], seconds: number): Promise<void> {
  await untilOrders(client, customer, placed.length, seconds)
  await sleep(500) // a second copy may come later
  const { list, orders } = await ordersOf(client, customer)
  for (const order of placed) {
    const { total } = JSON.parse(order.body ?? '{}') as { total: number }
    const copies = orders.filter((row) => Number(row.total) === total).length
    demand(copies === 1, [order, list], { en: `${copies} orders of ${total}`, es: `${copies} pedidos de ${total}` })
  }
}

const some = (count: number) => Array.from({ length: count }, (_, n) => n + 1)

/** What becomes of accepted orders. */
export const orderChecks: Check[] = [
  {
    id: 'queue.once',
    level: 'solid',
    points: 3,
    does: { en: 'Sends fifteen orders at once', es: 'Envía quince pedidos a la vez' },
    expects: {
      en: `each in GET /orders/ within ${PATIENCE_S} s, and none twice`,
      es: `cada uno en GET /orders/ antes de ${PATIENCE_S} s, y ninguno dos veces`,
    },
    hint: {
      en: 'A queue may deliver a job twice: let the second run find what the first has done.',
      es: 'Una cola puede entregar un trabajo dos veces: que la segunda vez encuentre lo que hizo la primera.',
    },
    async run(client) {
      const customer = await createCustomer(client)
      const order = (n: number) => placeOrder(client, { customer_id: customer.id, total: 100 + n })
      await eachOnce(client, customer, await client.crowd(15, order), PATIENCE_S)
    },
  },
  {
    id: 'queue.equal-orders',
    level: 'solid',
    points: 1,
    does: { en: 'Sends the same order twice, without a key', es: 'Envía el mismo pedido dos veces, sin clave' },
    expects: {
      en: 'two jobs and two orders: somebody wants the same again',
      es: 'dos trabajos y dos pedidos: alguien quiere lo mismo otra vez',
    },
    hint: {
      en: 'Equal bodies do not make requests the same; an Idempotency-Key does.',
      es: 'Los cuerpos iguales no hacen iguales a las peticiones; una Idempotency-Key sí.',
    },
    async run(client) {
      const customer = await createCustomer(client)
      const body = { customer_id: customer.id, total: 8 }
      const [first, second] = [await placeOrder(client, body), await placeOrder(client, body)]
      const { list, orders } = await untilOrders(client, customer, 2, PATIENCE_S)
      demand(jobIdOf(first) !== jobIdOf(second) && orders.length === 2, [first, second, list])
    },
  },
  {
    id: 'queue.unknown-customer',
    level: 'solid',
    points: 2,
    does: { en: 'Orders for a customer who does not exist', es: 'Pide para un cliente que no existe' },
    expects: {
      en: 'a 4xx, or an accepted job that makes no order; and orders go on',
      es: 'un 4xx, o un trabajo aceptado que no hace ningún pedido; y los pedidos siguen',
    },
    hint: {
      en: 'A foreign key keeps such orders out; let their job be rejected for good, not retried for ever.',
      es: 'Una clave foránea evita esos pedidos; que su trabajo se rechace de una vez, sin reintentos eternos.',
    },
    async run(client) {
      const nobody = { id: 2_147_483_002, name: '' }
      const sent = await client.post('/orders/', { customer_id: nobody.id, total: 5 })
      demand(sent.status < 500 && sent.status > 0, [sent])
      const customer = await createCustomer(client)
      const later = await placeOrder(client, { customer_id: customer.id, total: 6 })
      const { list, orders } = await untilOrders(client, customer, 1, PATIENCE_S)
      demand(orders.length === 1, [sent, later, list])
      const ghosts = await ordersOf(client, { ...nobody, made: sent })
      demand(ghosts.orders.length === 0, [sent, ghosts.list])
    },
  },
  {
    id: 'queue.status',
    level: 'solid',
    points: 2,
    does: {
      en: 'Asks what became of an order, at the status_url or Location of its 202, or /orders/jobs/{job_id}',
      es: 'Pregunta qué fue de un pedido, en el status_url o Location de su 202, o en /orders/jobs/{job_id}',
    },
    expects: {
      en: 'status: "succeeded" and the order_id, which is in GET /orders/',
      es: 'status: "succeeded" y el order_id, que está en GET /orders/',
    },
    hint: {
      en: 'Asynchronous request-reply: who was told 202 needs to learn how it ended.',
      es: 'Petición y respuesta asíncronas: a quien se le dijo 202 le hace falta saber cómo terminó.',
    },
    async run(client) {
      const customer = await createCustomer(client)
      const accepted = await placeOrder(client, { customer_id: customer.id, total: 3 })
      const path = statusPath(accepted)
      const status = await outcomeOf(client, accepted).catch(async (error) => {
        throw error instanceof Blocked ? new Breach(error.came, [accepted, await client.get(path)]) : error
      })
      const { list, orders } = await ordersOf(client, customer)
      const { order_id } = record(status)
      demand(record(status).status === 'succeeded' && orders[0]?.id === order_id, [accepted, status, list])
    },
  },
  {
    id: 'queue.survives-kill',
    level: 'production',
    points: 5,
    does: {
      en: 'Kills the worker while it has orders, three times',
      es: 'Mata al worker mientras tiene pedidos, tres veces',
    },
    expects: {
      en: 'every order that was accepted exists within 90 s, once',
      es: 'cada pedido que se aceptó existe antes de 90 s, una vez',
    },
    hint: {
      en: 'Acknowledge a job after its work is committed, take over the jobs of a dead worker, and make a job that runs twice make one order.',
      es: 'Confirme un trabajo después del commit de su obra, retome los trabajos de un worker muerto, y que un trabajo que corre dos veces haga un pedido.',
    },
    needs: ['kill-worker'],
    async run(client, { killWorker }) {
      const customer = await createCustomer(client)
      const accepted: Exchange[] = []
      for (const round of [1, 2, 3]) {
        let inHand = () => {}
        const busy = new Promise<void>((resolve) => (inHand = resolve))
        const place = async (n: number) => {
          const answer = await client.post('/orders/', { customer_id: customer.id, total: round * 100 + n })
          if (succeeded(answer)) accepted.push(answer)
          inHand()
        }
        const placing = Promise.all(some(15).map(place))
        await busy
        await sleep(20 * round) // another moment each time
        await killWorker()
        await placing
        await Promise.all(some(5).map((n) => place(n + 15)))
      }
      if (accepted.length === 0) throw new Blocked({ en: 'no order was accepted', es: 'ningún pedido fue aceptado' })
      await eachOnce(client, customer, accepted, 90)
    },
  },
]
